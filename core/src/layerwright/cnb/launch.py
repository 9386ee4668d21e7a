"""launch.toml: the processes that the built image can run (Buildpack API, "launch.toml")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.cnb import toml
from layerwright.files.atomic import write_atomically
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Process", "is_process_type", "read_launch", "write_launch"]

_TYPE: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-")
# They match the specification's words, but a type becomes a file name in the image.
_NO_TYPES: Final = frozenset({"", ".", ".."})


def is_process_type(text: str) -> bool:
    """Return whether *text* is a valid process type: ASCII letters, digits, ``.``, ``_`` and ``-``."""
    return _TYPE.issuperset(text) and text not in _NO_TYPES


@frozen
class Process:
    """A process type: the command to run, without a shell and without expansion of variables.

    ``ValueError``: the type is invalid, the command is empty, or a list contains a value that is not a string for a
    process.
    """

    type: str
    """Its name, by which a user starts it."""

    command: tuple[str, ...]
    """The program and its first arguments, which stay at every launch."""

    args: tuple[str, ...] = ()
    """The arguments that a user can replace at launch."""

    default: bool = False
    """Whether it is the one that starts if a user names none."""

    working_directory: str | None = None
    """Where it runs, the application directory by default. A relative one starts there."""

    exec_env: tuple[str, ...] = ()
    """The execution environments that it is for; none means all."""

    def __post_init__(self) -> None:
        if not is_process_type(self.type):
            raise ValueError(
                f"{self.type!r} is not a process type: use ASCII letters, digits, '.', '_' and '-' only"
            )
        for key, value in (("command", self.command), ("args", self.args), ("exec-env", self.exec_env)):
            if not _are_words(value):
                raise ValueError(f"process {self.type}: {key} is {value!r}; it must be a list of strings")
        if not self.command or not self.command[0]:
            raise ValueError(f"process {self.type}: the command is empty")

    def _table(self) -> dict[str, Any]:
        table: dict[str, Any] = {"type": self.type, "command": list(self.command), "args": list(self.args)}
        if self.default:
            table["default"] = True
        if self.working_directory is not None:
            table["working-dir"] = self.working_directory
        if self.exec_env:
            table["exec-env"] = list(self.exec_env)
        return table


def write_launch(path: Path, processes: Sequence[Process], *, lasting: bool = True) -> None:
    """Write *processes* to the launch.toml at *path*; a file with the same content is not written again.

    If it must be *lasting*, it is synced.

    ``ValueError``: two processes have the same type, which the lifecycle accepts, or more than one is the default.
    """
    document = _document(processes)
    try:
        unchanged = toml.read(path) == document
    except ValueError:
        unchanged = False
    if not unchanged:
        write_atomically(path, toml.dumps(document), lasting=lasting)


def _document(processes: Sequence[Process]) -> dict[str, Any]:
    types = [process.type for process in processes]
    for process_type in types:
        if types.count(process_type) > 1:
            raise ValueError(f"more than one process has the type {process_type}")
    defaults = [process.type for process in processes if process.default]
    if len(defaults) > 1:
        raise ValueError(f"more than one process is the default: {', '.join(defaults)}")
    return {"processes": [process._table() for process in processes]}


def read_launch(path: Path) -> tuple[Process, ...]:
    """Return the processes of the launch.toml at *path*; none if it does not exist.

    ``ValueError``: it is damaged; the message names it.
    """
    try:
        document = toml.read(path) or {}
        return tuple(
            Process(
                type=table["type"],
                command=_words(table["command"]),
                args=_words(table.get("args", [])),
                exec_env=_words(table.get("exec-env", [])),
                default=table.get("default", False),
                working_directory=table.get("working-dir"),
            )
            for table in document.get("processes", ())
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def _words(value: object) -> tuple[str, ...]:
    # Before Buildpack API 0.9 a command was one string, which tuple() would split into letters.
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return tuple(value)


def _are_words(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(word, str) and "\0" not in word for word in value
    )
