"""Stops a process at its nth change to the file system, as a kill does or as a power cut does.

A kill leaves everything that was written. A power cut leaves names as they are, for file systems write these in order,
and of files only what was synced: all that was not is empty afterwards, which is the worst that can be.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_STOPPED: Final = "stopped"
_ENDED: Final = "ended"
_CHANGES: Final = frozenset(
    f"os.{name}"
    for name in ("chmod", "link", "mkdir", "remove", "rename", "rmdir", "symlink", "truncate", "utime")
)
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Fault(NamedTuple):
    """Before which change to stop, counted from 1, and whether the power goes; 0: after the last."""

    at: int
    power: bool


class Outcome(NamedTuple):
    """Whether a process was stopped before its end."""

    stopped: bool


def run(work: Callable[[], object], root: Path, fault: Fault | None = None) -> Outcome:
    """Do *work* in a process of its own, which *fault* stops; only files below *root* lose what was not synced.

    ``AssertionError``: it failed, with what it said.
    """
    receiver, sender = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(receiver)
            stopper = _Stopper(root, fault, sender)
            work()
            stopper.end()
        except BaseException as error:
            os.write(sender, f"{type(error).__name__}: {error}"[:4000].encode())
        finally:
            os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    if said not in (_ENDED, _STOPPED):
        raise AssertionError(said)
    return Outcome(stopped=said == _STOPPED)


class _Stopper:
    def __init__(self, root: Path, fault: Fault | None, sender: int) -> None:
        self._root = root
        self._fault = fault
        self._sender = sender
        self._changes = 0
        self._is_ours = False
        self._durable = self._contents() if fault is not None and fault.power else {}
        self._fsync = os.fsync
        os.fsync = self._synced  # type: ignore[assignment]
        for module in ("layerwright.local._journal", "layerwright.files.atomic"):
            if hasattr(sys.modules[module], "sync_file_system"):
                sys.modules[module].sync_file_system = self._synced_all  # type: ignore[attr-defined]
        sys.addaudithook(self._audited)

    def end(self) -> None:
        """Let the power go if it was to go after the last change."""
        self._is_ours = True
        if self._fault is not None and self._fault.power:
            self._lose()
        os.write(self._sender, _ENDED.encode())

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_ours and (event in _CHANGES or (event == "open" and arguments[2] & _WRITES)):
            self._change()

    def _change(self) -> None:
        self._changes += 1
        if self._fault is not None and self._changes == self._fault.at:
            self._is_ours = True
            if self._fault.power:
                self._lose()
            os.write(self._sender, _STOPPED.encode())
            os._exit(0)

    def _synced(self, descriptor: int) -> None:
        self._change()
        self._fsync(descriptor)
        status = os.fstat(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}")
        if path.is_file():
            self._durable[status.st_ino] = path.read_bytes()

    def _synced_all(self, _path: Path) -> None:
        self._change()
        self._durable = self._contents()

    def _lose(self) -> None:
        for file in _files(self._root):
            if self._durable.get(file.stat().st_ino) != file.read_bytes():
                os.truncate(file, 0)

    def _contents(self) -> dict[int, bytes]:
        return {file.stat().st_ino: file.read_bytes() for file in _files(self._root)}


def _files(root: Path) -> list[Path]:
    found = []
    for folder, _folders, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink() and path.is_file():
                found.append(path)
    return found
