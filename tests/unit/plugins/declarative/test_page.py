"""The page on declarations has every key, with its type and its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import pytest

from layerwright.config.tables import keys_of
from layerwright.config.values import shown
from layerwright.plugins.declarative import _model as model
from layerwright.plugins.declarative._placeholders import IN_COMMANDS, OPTIONS, VALUE
from layerwright.process.failures.diagnosis import Diagnosis
from tests.fixtures.pages import DOCS, rows, sections

if TYPE_CHECKING:
    from dataclasses import Field

PAGE = DOCS / "plugins" / "declarative.md"
TABLES = {
    "The top": model.Declaration,
    "`[detect]`": model.DetectTable,
    "`[detect.fallback]`": model.FallbackTable,
    "`[tool]`": model.ToolTable,
    "`[indexes]`": model.IndexesTable,
    "`[settings.NAME]`": model.SettingTable,
    "`[environment]`": model.EnvironmentTable,
    "`[environment.diagnoses]`": model.DiagnosisTable,
    "`[environment.lock]`": model.LockTable,
    "`[environment.inputs]`": model.InputsTable,
}


def is_table(hint: Any) -> bool:
    """Return whether *hint* has a section for its keys; settings are tables by name."""
    return is_dataclass(hint) or hint == Mapping[str, model.SettingTable]


def type_words(hint: Any, *, plural: bool = False) -> str:
    if get_origin(hint) is Literal:
        words = [f"`{shown(choice)}`" for choice in get_args(hint)]
        return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
    if get_origin(hint) is tuple:
        return f"array{'s' if plural else ''} of {type_words(get_args(hint)[0], plural=True)}"
    if get_origin(hint) is Mapping:
        return f"table of {type_words(get_args(hint)[1], plural=True)}"
    if hint in (str, bool):
        return {str: "string", bool: "boolean"}[hint] + ("s" if plural else "")
    words = [type_words(arm) for arm in get_args(hint) if arm is not type(None)]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def default_words(field: Field[Any]) -> str:
    if field.default_factory is not MISSING:
        return "`{}`"
    if field.default is MISSING:
        return "**required**"
    return "-" if field.default is None else f"`{shown(field.default)}`"


@pytest.mark.parametrize("section", TABLES)
def test_every_key_is_in_its_table_with_its_type_and_its_default(section: str) -> None:
    table = TABLES[section]
    hints = get_type_hints(table)
    expected = {
        f"`{key}`": (type_words(hints[field.name]), default_words(field))
        for key, field in keys_of(table).items()
        if not is_table(
            next((arm for arm in get_args(hints[field.name]) if is_table(arm)), hints[field.name])
        )
    }
    documented = {row[0]: (row[1], row[2]) for row in rows(sections(PAGE, "###")[section])}
    assert documented == expected


def test_every_table_has_a_section() -> None:
    tables = {getattr(model, name) for name in model.__all__ if is_dataclass(getattr(model, name))}
    assert set(TABLES.values()) == tables
    assert all(fields(table) for table in tables)


def test_a_diagnosis_of_a_declaration_has_every_field_of_one() -> None:
    declared, public = (
        [(f.name, f.type, f.default) for f in fields(each)] for each in (model.DiagnosisTable, Diagnosis)
    )
    assert declared == public


def test_every_placeholder_is_listed() -> None:
    documented = [row[0] for row in rows(sections(PAGE, "###")["Placeholders"])]
    assert documented == [*(f"`{{{name}}}`" for name in (*IN_COMMANDS, VALUE)), f"`{OPTIONS}`"]
