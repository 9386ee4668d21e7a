"""Detects changes to a layer since its build, on a file system where anyone can write into it.

A container platform restores layers from verified archives. Here a file may have been deleted or edited meanwhile.
Reading everything would take longer than an unchanged build may, so change times, sizes and permissions are compared:
of each directory, whose time changes when an entry is added, removed or replaced, and of each file that Python or the
operating system runs. Data and bytecode that were edited in place are not noticed.
"""

from __future__ import annotations

import contextlib
import os
from array import array
from typing import TYPE_CHECKING, Final

from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.process.forks import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Seals"]

# Interpreters may add to it at any time, and ignore invalid bytecode.
_BYTECODE: Final = "__pycache__"
# Python also imports modules from archives and from bytecode without source, and reads the other three at start-up.
_IMPORTED: Final = (".py", ".pyc", ".egg", ".pyz", ".zip", ".cfg", ".pth", ".start")
_EXECUTABLE: Final = 0o111
_SEPARATOR: Final = b"\0\0"
_GONE: Final = -1


class Seals:
    """The seals in the directory at *path*, one for each layer."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        # None without an intact seal: there is nothing to compare with.
        self._compared: dict[str, tuple[str, ...] | None] = {}
        self._begun: Callable[[], dict[str, tuple[str, ...] | None] | None] | None = None

    def seal(self, layers: Sequence[Path]) -> Callable[[], None]:
        """Begin, on another core, to record the state of *layers*; return a function that waits and stores it."""

        def look() -> list[bytes]:
            return [_contents(layer) for layer in layers]

        begun = forked(look) if layers else list

        def remember() -> None:
            found = begun()
            contents = look() if found is None else found
            self._path.mkdir(parents=True, exist_ok=True)
            for layer, content in zip(layers, contents, strict=True):
                self._compared.pop(layer.name, None)
                write_checksummed(self._file(layer.name), content)

        return remember

    def forget(self, name: str) -> None:
        """Remove the seal of the layer *name* before it is changed."""
        self.finish()
        self._compared.pop(name, None)
        self._file(name).unlink(missing_ok=True)

    def is_sealed(self, name: str) -> bool:
        """Return whether the layer *name* has an intact seal."""
        if name in self._compared:
            return self._compared[name] is not None
        return read_checksummed(self._file(name)) is not None

    def begin(self, layers: Iterable[Path]) -> None:
        """Begin to compare *layers* again, on another core, so that :meth:`altered` waits little or not at all."""
        self.finish()
        # Results of another build or launch of this process may be outdated.
        self._compared.clear()
        sealed = [layer for layer in layers if self._file(layer.name).exists()]
        if sealed:
            self._begun = forked(lambda: {layer.name: self._compare(layer) for layer in sealed})

    def finish(self) -> None:
        """Wait for the running comparison, if there is one."""
        begun, self._begun = self._begun, None
        if begun is not None and (found := begun()) is not None:
            self._compared |= found

    def altered(self, layer: Path) -> tuple[str, ...]:
        """Return the innermost files and directories in *layer* that changed since they were sealed.

        Without a seal there are none. They are compared once: one build sees one state of the layer.
        """
        self.finish()
        if layer.name not in self._compared:
            self._compared[layer.name] = self._compare(layer)
        return self._compared[layer.name] or ()

    def _compare(self, layer: Path) -> tuple[str, ...] | None:
        sealed = read_checksummed(self._file(layer.name))
        if sealed is None:
            return None
        encoded, _, recorded = sealed.partition(_SEPARATOR)
        names = encoded.split(b"\0")
        try:
            now = _stamps(layer, names)
        except OSError:
            return ()
        if now.tobytes() == recorded:
            return ()
        then = array("q")
        then.frombytes(recorded[: len(recorded) // then.itemsize * then.itemsize])
        found = [os.fsdecode(name) for name, a, b in zip(names, then, now, strict=False) if a != b]
        # The changed entries of a directory say more than the directory itself.
        told = {os.path.dirname(name) or "." for name in found if name != "."}  # noqa: PTH120  # plain strings
        return tuple(name for name in found if name not in told)

    def _file(self, name: str) -> Path:
        return self._path / name


def _contents(layer: Path) -> bytes:
    """Return the content of a seal: the relevant names in *layer*, and their stamps."""
    names = list(map(os.fsencode, _names(layer)))
    return b"\0".join(names) + _SEPARATOR + _stamps(layer, names).tobytes()


def _names(layer: Path) -> Iterator[str]:
    yield "."
    pending = [""]
    while pending:
        folder = pending.pop()
        # An unreadable directory still has its own time.
        with contextlib.suppress(PermissionError), os.scandir(layer / folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != _BYTECODE:
                        yield folder + entry.name
                        pending.append(f"{folder}{entry.name}/")
                elif _is_run(entry):
                    yield folder + entry.name


def _is_run(entry: os.DirEntry[str]) -> bool:
    """Return whether *entry* is a module, a program, metadata, or a file that affects one of these."""
    name = entry.name
    if "." not in name or name.endswith(_IMPORTED) or ".so" in name:
        return True
    # A program can have any name: the interpreter itself is python3.13. A link has all permissions.
    return bool(entry.stat(follow_symlinks=False).st_mode & _EXECUTABLE)


def _stamps(layer: Path, names: list[bytes]) -> array[int]:
    stat, directory = os.stat, os.open(layer, os.O_RDONLY)
    try:
        return array("q", [_stamp(stat(n, dir_fd=directory, follow_symlinks=False)) for n in names])
    except OSError:
        return array("q", (_stamp_or_gone(name, directory) for name in names))
    finally:
        os.close(directory)


def _stamp(status: os.stat_result) -> int:
    """Combine the change time, the size and the permissions into one number, which is faster to read than three."""
    return status.st_mtime_ns + (status.st_size << 16) + status.st_mode


def _stamp_or_gone(name: bytes, directory: int) -> int:
    try:
        return _stamp(os.stat(name, dir_fd=directory, follow_symlinks=False))
    except OSError:
        return _GONE
