"""The tables of the configuration: each field is a key, with its type, default and check."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Annotated, Literal

from layerwright.config.values import checked, shown
from layerwright.errors import UserError
from layerwright.files.frozen import frozen
from layerwright.pythons.interpreter import specifier

__all__ = ["BuildSettings", "ImageSettings", "ProcessSettings", "PythonSettings", "ToolSettings"]


@frozen
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


@frozen
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
            raise ValueError(f"{error}: {shown(value)}") from error
        if not value.strip():
            raise ValueError("a command is empty")
    return values


@frozen
class BuildSettings:
    """The settings of the ``build`` table."""

    commands: Annotated[tuple[str, ...], checked(_commands)] = field(
        default=(), metadata={"help": "commands to run at the end of the build"}
    )


def _owner(value: str) -> str:
    if not re.fullmatch(r"\d{1,9}:\d{1,9}", value):
        raise ValueError("must be the numbers of a user and a group, such as 1000:1000")
    return value


def _labels(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        name, separator, _ = value.partition("=")
        if not separator or not name.strip():
            raise ValueError(f"each must be NAME=VALUE, not {shown(value)}")
    return values


def _addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:\d{1,5})?", value):
            raise ValueError(
                f"each must be the address of a registry, such as registry.local:5000, not {shown(value)}"
            )
    return values


def _mirrors(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"[^=/\s]+=[^=\s]+", value):
            raise ValueError(
                f"each must be REGISTRY=MIRROR, such as docker.io=mirror.example.com, not {shown(value)}"
            )
    return values


def _ports(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"\d{1,5}(/(tcp|udp|sctp))?", value):
            raise ValueError(f"each must be a port such as 8000 or 8000/udp, not {shown(value)}")
    return values


@frozen
class ImageSettings:
    """The settings of the ``image`` table, for images that ``layerwright image`` makes."""

    base: str | None = field(
        default=None, metadata={"help": "the base image: oci:DIR, FILE.tar or an image in a registry"}
    )
    plain_http: Annotated[tuple[str, ...], checked(_addresses)] = field(
        default=(), metadata={"help": "registries that speak HTTP without TLS, as HOST:PORT"}
    )
    mirrors: Annotated[tuple[str, ...], checked(_mirrors)] = field(
        default=(), metadata={"help": "mirrors that are asked first, each REGISTRY=MIRROR"}
    )
    user: str | None = field(default=None, metadata={"help": "the user that processes run as"})
    owner: Annotated[str, checked(_owner)] = field(
        default="1000:1000", metadata={"help": "the owner of the files: the numbers of a user and a group"}
    )
    ports: Annotated[tuple[str, ...], checked(_ports)] = field(
        default=(), metadata={"help": "ports that the application listens on"}
    )
    stop_signal: str | None = field(
        default=None, metadata={"help": "the signal that asks a process to stop, such as SIGINT"}
    )
    labels: Annotated[tuple[str, ...], checked(_labels)] = field(
        default=(), metadata={"help": "labels, each NAME=VALUE"}
    )
    compression: Literal["auto", "zstd", "gzip"] = field(
        default="auto",
        metadata={
            "help": "how layers are compressed; auto is zstd where base and destination take it, else gzip"
        },
    )
    exclude: tuple[str, ...] = field(
        default=(), metadata={"help": "files of the application to leave out, as patterns"}
    )
    attach: Literal["auto", "always", "never"] = field(
        default="auto",
        metadata={
            "help": "where documents are attached to images: auto is in registries, always also in oci:DIR"
        },
    )
    key: str | None = field(
        default=None,
        metadata={"help": "the file with the private key that signs images and their provenance"},
    )


@frozen
class ProcessSettings:
    """A process of the ``processes`` table that is itself a table."""

    command: str | tuple[str, ...] = field(
        default=(), metadata={"help": "the command: a string, or an array with an item for each argument"}
    )
    default: bool = field(default=False, metadata={"help": "whether it is the default process"})
    working_directory: str | None = field(
        default=None, metadata={"help": "where it starts, relative to the application directory"}
    )
