from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import textwrap
from dataclasses import is_dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

import layerwright
import layerwright.testing

if TYPE_CHECKING:
    from collections.abc import Iterator

DATACLASSES = [
    value
    for module in (layerwright, layerwright.testing)
    for value in (getattr(module, name) for name in module.__all__)
    if inspect.isclass(value) and is_dataclass(value)
]


def without_docstring(model: type[Any]) -> Iterator[str]:
    """Yield each field in the source of *model* that no string literal follows."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)
    for statement, following in pairwise([*definition.body, None]):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            match following:
                case ast.Expr(value=ast.Constant(value=str())):
                    continue
            yield statement.target.id


@pytest.mark.parametrize("name", layerwright.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    found: dict[str, object] = {}
    exec(f"from layerwright import {name}", found)
    assert found[name] is getattr(layerwright, name)


def test_the_public_names_are_those_that_are_looked_up_late() -> None:
    assert set(layerwright.__all__) == {*layerwright._HOME_OF}


def test_what_is_not_public_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match=r"^module 'layerwright' has no attribute 'Contributor'$"):
        layerwright.Contributor  # noqa: B018


def test_a_name_is_looked_up_once() -> None:
    code = (
        "import layerwright\n"
        "before = 'Project' in vars(layerwright)\n"
        "layerwright.Project\n"
        "raise SystemExit(before or 'Project' not in vars(layerwright))"
    )
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


def test_importing_the_package_imports_none_of_its_modules() -> None:
    code = "import sys, layerwright; sys.exit(any(name.startswith('layerwright.') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-I", "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("model", DATACLASSES)
def test_every_field_of_a_public_class_has_a_docstring(model: type[Any]) -> None:
    assert list(without_docstring(model)) == []


def test_a_field_without_a_docstring_is_found() -> None:
    class Some:
        """A class."""

        first: str
        """A field."""

        second: str = ""
        third: str = ""

    assert list(without_docstring(Some)) == ["second", "third"]
