"""The JSON Schema of the configuration, for editors (https://json-schema.org/draft/2020-12)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin, get_type_hints

from layerwright.config.models import (
    BuildSettings,
    ImageSettings,
    ProcessSettings,
    PythonSettings,
    ToolSettings,
)
from layerwright.config.policy.models import PolicySettings
from layerwright.config.reading import BUILD, IMAGE, PROCESSES, TOP_LEVEL
from layerwright.config.sources import FILES, PACKAGE_MANAGER, PACKAGE_MANAGERS, POLICY
from layerwright.config.tables import is_model, is_nested, keys_of
from layerwright.config.values import arms, plain
from layerwright.errors import ERRORS_PAGE

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["schema_of"]

Schema = dict[str, Any]
_SITE: Final = ERRORS_PAGE.rpartition("/")[0]
_PAGE: Final = f"{_SITE}/configuration.html"
_TYPE: Final = r"^[A-Za-z0-9._-]+$"


def schema_of(file: str, models: Mapping[str, type[Any]], declaration: type[Any]) -> Schema:
    """Return the schema of *file*, one of ``FILES``, with the tables of plugins: their *models*, by name.

    *declaration* is the model of a package manager that the configuration itself declares. A key that a build refuses
    is refused. The schema of ``pyproject.toml`` says nothing about the tables of other tools.
    """
    definitions: Schema = {}
    schema = _configuration(models, declaration, definitions)
    for name in reversed(FILES[file]):
        schema = {"type": "object", "properties": {name: schema}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{_SITE}/schemas/{file.removesuffix('.toml')}.json",
        "title": f"Layerwright's configuration in {file}",
        "x-taplo-info": {"patterns": [f"^(.*(/|\\\\){re.escape(file)}|{re.escape(file)})$"]},
        **schema,
        **({"$defs": definitions} if definitions else {}),
    }


def _configuration(models: Mapping[str, type[Any]], declaration: type[Any], definitions: Schema) -> Schema:
    managers = [name for name, model in models.items() if issubclass(model, ToolSettings)]
    tables = {
        "python": PythonSettings,
        BUILD: BuildSettings,
        IMAGE: ImageSettings,
        POLICY: PolicySettings,
        **models,
    }
    process = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    return {
        "type": "object",
        "description": "How Layerwright builds the application.",
        "x-taplo": {"links": {"key": _PAGE}},
        "properties": {
            **{
                key: {"description": _sentence(help_), "type": "string"}
                for (key,), help_ in TOP_LEVEL.items()
            },
            PACKAGE_MANAGER[0]: {"description": _sentence(TOP_LEVEL[PACKAGE_MANAGER]), "enum": managers},
            **{
                name: {"title": f"Settings of {name}", **_table(model, definitions)}
                for name, model in tables.items()
            },
            PROCESSES: {
                "title": "Processes",
                "description": "The process types of the application, each with its command.",
                "type": "object",
                "propertyNames": {"pattern": _TYPE},
                "additionalProperties": {"anyOf": [*process, _table(ProcessSettings, definitions)]},
            },
            PACKAGE_MANAGERS: {
                "title": "Package managers",
                "description": "Package managers that the application declares itself.",
                "type": "object",
                "additionalProperties": _table(declaration, definitions, known={"name"}),
            },
        },
        "additionalProperties": False,
    }


def _table(model: type[Any], definitions: Schema, *, known: Collection[str] = ()) -> Schema:
    """Return the schema of a table; its keys that are *known* already need not be there."""
    hints, keys = get_type_hints(model, include_extras=True), keys_of(model)
    required = [key for key, field in keys.items() if _is_required(field) and key not in known]
    words = cleandoc(model.__doc__ or "").partition("\n\n")[0].replace("\n", " ").replace("``", "")
    return {
        # A dataclass without a docstring gets its signature.
        **({} if words.startswith(f"{model.__name__}(") else {"description": words}),
        "type": "object",
        "properties": {key: _key(field, hints[field.name], definitions) for key, field in keys.items()},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _key(field: Field[Any], hint: Any, definitions: Schema) -> Schema:
    schema = _type(hint, definitions)
    described = _sentence(field.metadata.get("help", ""))
    default = None if field.default is MISSING else plain(field.default)
    return {
        **schema,
        **({"description": described} if described else {}),
        # A table's keys have their own defaults.
        **({"default": default} if default is not None and not isinstance(default, dict) else {}),
    }


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}" if words else ""


def _type(hint: Any, definitions: Schema) -> Schema:
    """Return the schema of values of the type *hint*, as ``TableReader`` reads them."""
    inner = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    found = []
    for kind in arms(inner):
        if is_model(kind):
            found.append(_table(kind, definitions))
        elif get_origin(kind) is Mapping:
            found.append({"type": "object", "additionalProperties": _type(get_args(kind)[1], definitions)})
        elif is_nested(kind):
            found.append({"type": "array", "items": _type(get_args(kind)[0], definitions)})
    if not found:
        return _of_pydantic(hint, definitions)
    # The reader takes nothing else where it takes a table.
    return found[0] if len(found) == 1 else {"anyOf": found}


def _of_pydantic(hint: Any, definitions: Schema) -> Schema:
    from pydantic import PydanticInvalidForJsonSchema, TypeAdapter

    try:
        schema = TypeAdapter(hint).json_schema()
    except PydanticInvalidForJsonSchema:
        # Only a build can check it.
        return {}
    definitions |= schema.pop("$defs", {})
    # TOML has no null: a key that is not set is not there.
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        return {**schema, **kinds[0]}
    return {**schema, "anyOf": kinds} if kinds else schema
