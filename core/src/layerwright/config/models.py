"""The tables of the configuration: each field is a key, with its type, default and check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

from layerwright.config.values import checked
from layerwright.errors import UserError
from layerwright.pythons.interpreter import specifier

__all__ = ["BuildSettings", "ProcessSettings", "PythonSettings", "ToolSettings"]


@dataclass(frozen=True, kw_only=True)
class ToolSettings:
    """The settings in a package manager's table; a plugin derives its own model from it.

    A field is a key of the table, with ``-`` for ``_``, and has a default. ``metadata={"help": "…"}`` describes it.
    Its type is any type that pydantic can validate; strings, booleans, ``tuple[str, ...]``, and dataclasses of these
    are read without pydantic, and so faster. Annotations are evaluated: import their names also at run time, not only
    for type checking.
    """

    version: str | None = field(default=None, metadata={"help": "version of the package manager"})
    """The version of the package manager that the user wants; ``None`` is the plugin's default."""

    launch: bool = field(
        default=False, metadata={"help": "whether the package manager is available at launch"}
    )
    """Whether it is available at launch. Only core acts on it."""

    stand_in: bool = field(
        default=True,
        metadata={"help": "whether a stand-in script explains at launch that it is not available"},
    )
    """Whether a stand-in script explains at launch that it is not available."""


def _python_version(value: str) -> str:
    try:
        specifier(value, "python.version")
    except UserError as error:
        raise ValueError(error.cause[:1].lower() + error.cause[1:].rstrip(".")) from error
    return value


def _mirror(value: str) -> str:
    if not value.startswith(("https://", "http://", "file://")):
        raise ValueError("must start with https://, http:// or file://")
    return value


@dataclass(frozen=True, kw_only=True)
class PythonSettings:
    """The settings of the ``python`` table."""

    version: Annotated[str | None, checked(_python_version)] = field(
        default=None, metadata={"help": "a version (3.13) or a PEP 440 specifier (>=3.12,<3.14)"}
    )
    provider: Literal["auto", "standalone", "system"] = field(
        default="auto", metadata={"help": "where an interpreter comes from"}
    )
    mirror: Annotated[str | None, checked(_mirror)] = field(
        default=None, metadata={"help": "URL that standalone interpreters are downloaded from"}
    )


def _commands(values: tuple[str, ...]) -> tuple[str, ...]:
    from layerwright.process.shell.process_command import process_command

    for value in values:
        try:
            process_command(value)
        except ValueError as error:
            raise ValueError(f"{error}: {value}") from error
        if not value.strip():
            raise ValueError("a command is empty")
    return values


@dataclass(frozen=True, kw_only=True)
class BuildSettings:
    """The settings of the ``build`` table."""

    commands: Annotated[tuple[str, ...], checked(_commands)] = field(
        default=(), metadata={"help": "commands to run at the end of the build"}
    )


@dataclass(frozen=True, kw_only=True)
class ProcessSettings:
    """A process of the ``processes`` table that is itself a table."""

    command: str | tuple[str, ...] = field(
        default=(), metadata={"help": "the command: a string, or an array with an item for each argument"}
    )
    default: bool = field(default=False, metadata={"help": "whether it is the default process"})
    working_directory: str | None = field(
        default=None, metadata={"help": "where it starts, relative to the application directory"}
    )
