"""Records the complete contents of a layer when it is complete, and compares them later.

A build only has time to compare seals, which are times and sizes. A manifest has a digest of the content of every
file, so it also detects data that was edited in place, and bytecode that a disk has damaged.
"""

from __future__ import annotations

import os
import stat
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.atomic import sync_directory
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.process.forks import forked
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Manifests", "Verified"]

_FORMAT: Final = "2"
_HEAD: Final = 80
_FIELDS: Final = 6
_DIGEST_BYTES: Final = 16
_CHUNK: Final = 1 << 20
_UNREADABLE: Final = "unreadable"
# Interpreters may add to it at any time, and ignore invalid bytecode.
_BYTECODE: Final = "__pycache__"


class _Entry(NamedTuple):
    """The entry at a path: type and permissions, size, a digest of the content or of a link's target; and its inode."""

    mode: int
    size: int
    content: str
    inode: int
    changed: int


class Verified(NamedTuple):
    """A layer, or ``launch.toml``, with a line for each path that differs from what its build recorded.

    ``entries`` is the number of files, links and directories that were checked; ``None``: nothing was recorded.
    """

    name: str
    entries: int | None
    differences: tuple[str, ...] = ()


class Manifests:
    """The manifests in the directory at *path*, by name: of layers, and of single files."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path

    def begin(self, targets: Sequence[Path], *, since: int) -> Callable[[], None]:
        """Begin, on another core, to read *targets*; return a function that waits and records the result.

        Each target is a layer, which is read with its ``<layer>.toml``, or a file. Meanwhile none of them has a
        manifest. A file in the last manifest that was not written to after *since*, in nanoseconds of the clock, is
        not read again: it keeps the recorded digest, so that earlier damage is not recorded as correct.
        """
        if not targets:
            return lambda: None
        before = [self._content(target.name) for target in targets]
        self._path.mkdir(parents=True, exist_ok=True)
        for target in targets:
            self.forget(target.name)
        sync_directory(self._path)

        def read() -> list[bytes]:
            known = (_parsed(manifest) or {} for manifest in before)
            return [_formatted(_read(*each, since)) for each in zip(targets, known, strict=True)]

        begun = forked(read)

        def remember() -> None:
            found = begun()
            for target, content in zip(targets, read() if found is None else found, strict=True):
                write_checksummed(self._file(target.name), content)

        return remember

    def forget(self, name: str) -> None:
        """Remove the manifest of *name*."""
        self._file(name).unlink(missing_ok=True)

    def names(self) -> frozenset[str]:
        """Return the names that have a manifest, including damaged ones."""
        try:
            return frozenset(name for name in os.listdir(self._path) if not name.startswith("."))  # noqa: PTH208
        except FileNotFoundError:
            return frozenset()

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of everything that a layer had when it was recorded; ``None``: it was not."""
        try:
            with self._file(name).open("rb") as file:
                # A build with nothing changed has no time to read thousands of lines.
                form, _, rest = file.read(_HEAD).partition(b"\0")
        except OSError:
            return None
        return f"sha256:{rest.partition(bytes(1))[0].decode()}" if form == _FORMAT.encode() else None

    def is_as_recorded(self, file: Path) -> bool:
        """Return whether the single *file* matches its manifest."""
        found = self.verify(file)
        return found.entries is not None and not found.differences

    def verify(self, target: Path) -> Verified:
        """Read *target*, and return the differences to its manifest."""
        recorded, now = _parsed(self._content(target.name)), _read(target)
        if recorded is None:
            return Verified(name=target.name, entries=None)
        return Verified(name=target.name, entries=len(now), differences=tuple(_differences(recorded, now)))

    def _content(self, name: str) -> bytes | None:
        return read_checksummed(self._file(name))

    def _file(self, name: str) -> Path:
        return self._path / name


def _read(target: Path, known: Mapping[str, _Entry] | None = None, since: int = 0) -> dict[str, _Entry]:
    """Return the entries at *target*, by paths that begin with its name; *known* unchanged files are not read."""
    known = known or {}
    place = os.fspath(target.parent)
    found = {}
    for name in _paths(place, target.name):
        path = f"{place}/{name}"
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            continue
        recorded = known.get(name)
        if recorded is not None and _is_left_alone(recorded, status, since):
            content = recorded.content
        else:
            content = _digest(path, status)
        size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        found[name] = _Entry(status.st_mode, size, content, status.st_ino, status.st_mtime_ns)
    return found


def _paths(place: str, name: str) -> Iterator[str]:
    yield f"{name}.toml"
    yield name
    pending = [name]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(f"{place}/{folder}") as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}"
                    yield path
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(path)
        except OSError:
            # Not a directory, or an unreadable one.
            continue


def _is_left_alone(recorded: _Entry, status: os.stat_result, since: int) -> bool:
    """Return whether *status* is that of the *recorded* file, and that file was not written to after *since*.

    Package managers replace files and do not write into them, so the same inode is the same file. But the inode may
    belong to another file by now, unless the last build is preserved by hard links.
    """
    if recorded.inode != status.st_ino:
        return False
    same = (recorded.size, recorded.changed) == (status.st_size, status.st_mtime_ns)
    return same or (status.st_nlink > 1 and status.st_mtime_ns < since)


def _digest(path: str, status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return blake2b(os.fsencode(os.readlink(path)), digest_size=_DIGEST_BYTES).hexdigest()  # noqa: PTH115
    if not stat.S_ISREG(status.st_mode):
        return ""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            # Most files are small, and creating a file object takes longer than reading one.
            digest = blake2b(os.read(descriptor, _CHUNK), digest_size=_DIGEST_BYTES)
            while status.st_size > _CHUNK and (chunk := os.read(descriptor, _CHUNK)):
                digest.update(chunk)
        finally:
            os.close(descriptor)
    except OSError:
        # No permission, or a damaged disk.
        return _UNREADABLE
    return digest.hexdigest()


def _differences(recorded: Mapping[str, _Entry], now: Mapping[str, _Entry]) -> Iterator[str]:
    told = set()
    for path in sorted(recorded.keys() | now.keys()):
        then, there = recorded.get(path), now.get(path)
        name = visible(path)
        if then is None or there is None:
            # The line of the directory covers everything in it.
            if path.rpartition("/")[0] not in told and (there is None or f"/{_BYTECODE}" not in path):
                yield f"{name} is missing" if there is None else f"{name} was added"
            told.add(path)
        elif stat.S_IFMT(then.mode) != stat.S_IFMT(there.mode):
            told.add(path)
            yield f"{name} is {_kind(there.mode)}, not {_kind(then.mode)}"
        elif then.content != there.content:
            yield f"{name} leads elsewhere" if stat.S_ISLNK(then.mode) else f"{name} has other content"
        elif then.mode != there.mode:
            yield f"{name} has mode {stat.S_IMODE(there.mode):04o}, not {stat.S_IMODE(then.mode):04o}"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFREG: "a file", stat.S_IFDIR: "a directory", stat.S_IFLNK: "a link"}
    return kinds.get(stat.S_IFMT(mode), "a special file")


def _formatted(entries: Mapping[str, _Entry]) -> bytes:
    digest, words = sha256(), [_FORMAT, ""]
    for path, entry in sorted(entries.items()):
        words += [path, *map(str, entry)]
        # Neither the inode nor the time: they differ between equal layers.
        digest.update(os.fsencode(f"{path}\0{entry.mode:o}\0{entry.content}\0"))
    words[1] = digest.hexdigest()
    return os.fsencode("\0".join(words))


def _parsed(manifest: bytes | None) -> dict[str, _Entry] | None:
    """Return the entries of *manifest*; ``None`` if it does not exist or has another format."""
    form, *words = os.fsdecode(manifest or b"").split("\0")
    if form != _FORMAT:
        return None
    rows = zip(*[iter(words[1:])] * _FIELDS, strict=True)
    return {
        path: _Entry(int(mode), int(size), digest, int(inode), int(changed))
        for path, mode, size, digest, inode, changed in rows
    }
