"""Describe a build in another process, and record what that process does.

The kit runs it as ``python -P -m layerwright.testing.conformance.trial.observe``, with the pickled question on standard
input. The answer, in JSON, is the last line of its standard output. Imports of modules of other distributions do not
count: many read variables.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.errors import LayerwrightError
from layerwright.testing.conformance.trial.canonical import flattened
from layerwright.testing.conformance.trial.describing import describe, expects, settings_of
from layerwright.testing.conformance.trial.subject import find
from layerwright.testing.requests import project_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from layerwright.contract.package_manager import PackageManager
    from layerwright.testing.applications import Application

__all__ = ["Observed", "Question", "kind_of", "main", "recording"]

_WRITES: Final = (
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.mkfifo", "os.remove", "os.rename", "os.rmdir", "os.setxattr",
    "os.symlink", "os.truncate", "os.utime", "shutil.", "tempfile.",
)  # fmt: skip
_PROCESSES: Final = (
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "pty.spawn",
    "subprocess.",
)
_NETWORK: Final = ("socket.", "urllib.", "http.", "ftplib.", "smtplib.")
_LISTINGS: Final = ("os.listdir", "os.scandir")
# argparse and gettext read the variables of the terminal and the language for their messages.
_HARMLESS: Final = ("COLUMNS", "LANG", "LC_", "LINES")
_VARIABLES: Final = ("os.putenv", "os.unsetenv")


class Question(NamedTuple):
    """The build to describe, and the directories of the plugin's own modules."""

    package_manager: str | PackageManager
    app: Application
    environment: dict[str, str]
    own: tuple[str, ...]


class Observed(NamedTuple):
    """The flattened values, and the recorded actions: ``(kind, what)``, where :func:`kind_of` returns the kind."""

    values: dict[str, str]
    done: list[tuple[str, str]]

    def of(self, kind: str) -> list[str]:
        """Return the distinct actions of this *kind*."""
        return sorted({what for done, what in self.done if done == kind})


def kind_of(event: str, arguments: Sequence[Any], readable: Sequence[str]) -> str:
    """Return the kind of an audit event: write, process, network, variable, or read of a path that is not *readable*.

    Events: https://docs.python.org/3/library/audit_events.html
    """
    kinds = {"write": _WRITES, "process": _PROCESSES, "network": _NETWORK, "variable": _VARIABLES}
    found = next((kind for kind, prefixes in kinds.items() if event.startswith(prefixes)), "")
    if event == "open":
        _, mode, flags = arguments
        writes = set(mode) & set("wax+") if isinstance(mode, str) else flags & (os.O_WRONLY | os.O_RDWR)
        found = "write" if writes else "read"
    elif event in _LISTINGS:
        found = "read"
    if found == "read" and not _is_outside(arguments[0], readable):
        return ""
    return found


def main() -> None:
    """Answer the question on standard input."""
    question: Question = pickle.load(sys.stdin.buffer)
    answer = json.dumps(_observe(question))
    sys.stdout.write(f"\n{answer}\n")


def _observe(question: Question) -> Observed:
    manager, _ = find(question.package_manager)
    settings = settings_of(manager, {})
    done: list[tuple[str, str]] = []
    usual = [sys.prefix, sys.base_prefix, *sys.path, *question.own, "/etc", os.devnull]
    usual += [str(question.app.path), question.environment["HOME"]]
    with recording(done, usual, question.own):
        found = manager.detect(project_request(question.app, settings=settings))
        described = describe(manager, question.app, question.environment)
        # The check of types reports this error, from its own call.
        with suppress(LayerwrightError):
            expects(manager, question.app, question.environment)
    return Observed(flattened([found, *described]), done)


@contextmanager
def recording(done: list[tuple[str, str]], readable: Sequence[str], own: tuple[str, ...]) -> Iterator[None]:
    """Add what the process does to *done*, except for imports of modules that are not below *own*."""
    active = True

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if active and (kind := kind_of(event, arguments, readable)) and not _importing(own):
            # pathlib calls either function, depending on the Python version.
            words = "list" if event in _LISTINGS else event
            done.append((kind, f"{words} {' '.join(map(str, arguments[:1]))}".rstrip()))

    # Otherwise coverage and debuggers do not see inside the hook: https://docs.python.org/3/library/sys.html
    hook.__cantrace__ = True  # type: ignore[attr-defined]
    environ = type(os.environ)
    own_item, own_names = environ.__getitem__, environ.__iter__

    def item(self: Any, name: str) -> str:
        if not name.startswith(_HARMLESS) and not _importing(own):
            done.append(("variable", name))
        return own_item(self, name)

    def names(self: Any) -> Iterator[str]:
        if not _importing(own):
            done.append(("variable", "all of them"))
        return own_names(self)

    said = io.StringIO()
    sys.addaudithook(hook)
    # The audit hook does not see reads of variables. A hook cannot be removed, only made inactive.
    environ.__getitem__, environ.__iter__ = item, names  # type: ignore[method-assign]
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield
    finally:
        active = False
        environ.__getitem__, environ.__iter__ = own_item, own_names  # type: ignore[method-assign]
    if said.getvalue():
        done.append(("print", said.getvalue().splitlines()[0]))


def _is_outside(place: object, readable: Sequence[str]) -> bool:
    if not isinstance(place, str | bytes | os.PathLike):
        return False
    path = Path(os.path.abspath(os.fsdecode(place)))  # noqa: PTH100  # links are not followed
    return not any(path.is_relative_to(directory) for directory in readable if directory)


def _importing(own: tuple[str, ...]) -> bool:
    """Return whether an import is running, of a module that is not below one of *own*."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not frame.f_code.co_filename.startswith(own):
        if frame.f_code.co_filename.startswith("<frozen importlib."):
            return True
        frame = frame.f_back
    return False


if __name__ == "__main__":
    main()
