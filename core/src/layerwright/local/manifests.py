"""Records the complete contents of a layer when it is complete, and compares them later.

A build only has time to compare seals, which are times and sizes. A manifest has a digest of the content of every
file, so it also detects data that was edited in place, and bytecode that a disk has damaged.
"""

from __future__ import annotations

import contextlib
import os
import stat
from array import array
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.atomic import sync_directory
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.process.forks import forked
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["Manifests", "Verified"]

_FORMAT: Final = "3"
_HEAD: Final = 80
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

    def begin(self, targets: Sequence[Tree], *, since: int) -> Callable[[], None]:
        """Begin, on another core, to read *targets*; return a function that waits and records the result.

        Each target is a layer, which is read with its ``<layer>.toml``, or a file. Meanwhile none of them has a
        manifest. A file in the last manifest that was not written to after *since*, in nanoseconds of the clock, is
        not read again: it keeps the recorded digest, so that earlier damage is not recorded as correct.
        """
        if not targets:
            return lambda: None
        before = [self._content(target.root.name) for target in targets]
        self._path.mkdir(parents=True, exist_ok=True)
        for target in targets:
            self.forget(target.root.name)
        sync_directory(self._path)

        def read() -> list[bytes]:
            known = (_parsed(manifest) or {} for manifest in before)
            each = zip(targets, known, strict=True)
            return [_formatted(_read(tree.root, tree, then, since)) for tree, then in each]

        begun = forked(read)

        def remember() -> None:
            found = begun()
            for target, content in zip(targets, read() if found is None else found, strict=True):
                write_checksummed(self._file(target.root.name), content)

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
        recorded = _parsed(self._content(target.name))
        now = _read(target, _walked(target) if target.is_dir() else None)
        if recorded is None:
            return Verified(name=target.name, entries=None)
        return Verified(name=target.name, entries=len(now), differences=tuple(_differences(recorded, now)))

    def _content(self, name: str) -> bytes | None:
        return read_checksummed(self._file(name))

    def _file(self, name: str) -> Path:
        return self._path / name


def _read(
    target: Path, tree: Tree | None, known: Mapping[str, _Entry] | None = None, since: int = 0
) -> dict[str, _Entry]:
    """Return the entries at *target*, by paths that begin with its name; *known* unchanged files are not read.

    *tree* is what is there, ``None`` if it is no directory.
    """
    known = known or {}
    place = os.fspath(target.parent)
    found = {}
    for path, status in _statuses(target, tree):
        recorded = known.get(path)
        # Nearly all are as they were, so this decides how long it takes.
        if recorded is not None and recorded.inode == status.st_ino:
            if (
                recorded.changed == status.st_mtime_ns
                and recorded.size == status.st_size
                and recorded.mode == status.st_mode
            ):
                found[path] = recorded
                continue
            is_known = _is_left_alone(recorded, status, since)
        else:
            is_known = False
        content = recorded.content if recorded and is_known else _digest(f"{place}/{path}", status)
        found[path] = _Entry(status.st_mode, status.st_size, content, status.st_ino, status.st_mtime_ns)
    return found


def _walked(path: Path) -> Tree:
    # A build with nothing changed compares launch.toml alone.
    from layerwright.files.trees.tree import tree_of

    return tree_of(path)


def _statuses(target: Path, tree: Tree | None) -> Iterator[tuple[str, os.stat_result]]:
    for path in (target.with_name(f"{target.name}.toml"), target):
        with contextlib.suppress(FileNotFoundError):
            yield path.name, os.lstat(path)
    for folder, entries in tree.folders.items() if tree else ():
        prefix = f"{target.name}/{folder}"
        for name, status in entries.items():
            yield prefix + name, status


def _is_left_alone(recorded: _Entry, status: os.stat_result, since: int) -> bool:
    """Return whether the *recorded* file, with the same inode, was not written to after *since*.

    Package managers replace files and do not write into them, so the same inode is the same file. But the inode may
    belong to another file by now, unless the last build is preserved by hard links.
    """
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
            is_link = stat.S_ISLNK(then.mode)
            yield f"{name} leads elsewhere" if is_link else f"{name} has other content"
        elif then.mode != there.mode:
            new, old = (stat.S_IMODE(each.mode) for each in (there, then))
            yield f"{name} has mode {new:04o}, not {old:04o}"


def _kind(mode: int) -> str:
    kinds = {stat.S_IFREG: "a file", stat.S_IFDIR: "a directory", stat.S_IFLNK: "a link"}
    return kinds.get(stat.S_IFMT(mode), "a special file")


def _formatted(entries: Mapping[str, _Entry]) -> bytes:
    """Return the manifest of *entries*: its format, a digest, the paths, the contents, and the numbers of all entries.

    It is in columns, because tens of thousands of rows would take several times longer.
    """
    paths = sorted(entries)
    columns = tuple(zip(*[entries[path] for path in paths], strict=True)) or ((),) * len(_Entry._fields)
    modes, sizes, contents, inodes, times = columns
    octal = {mode: f"{mode:o}" for mode in set(modes)}
    # Neither the inode nor the time: they differ between equal layers.
    portable = [f"{path}\0{octal[m]}\0{one}\0" for path, m, one in zip(paths, modes, contents, strict=True)]
    digest = sha256(os.fsencode("".join(portable))).hexdigest()
    texts = "\0".join((_FORMAT, digest, str(len(paths)), *paths, *contents, ""))
    # Times may be before 1970.
    return b"".join(
        (os.fsencode(texts), array("Q", (*modes, *sizes, *inodes)).tobytes(), array("q", times).tobytes())
    )


def _parsed(manifest: bytes | None) -> dict[str, _Entry] | None:
    """Return the entries of *manifest*; ``None`` if it does not exist or has another format."""
    form, _, rest = (manifest or b"").partition(b"\0")
    if form != _FORMAT.encode():
        return None
    _total, number, rest = rest.split(b"\0", 2)
    count = int(number)
    numbers, times = array("Q"), array("q")
    end = len(rest) - count * times.itemsize
    start = end - count * 3 * numbers.itemsize
    numbers.frombytes(rest[start:end])
    times.frombytes(rest[end:])
    modes, sizes, inodes = (numbers[n * count : (n + 1) * count] for n in range(3))
    texts = os.fsdecode(rest[:start]).split("\0")
    rows = zip(modes, sizes, texts[count : 2 * count], inodes, times, strict=True)
    return dict(zip(texts[:count], map(_Entry._make, rows), strict=True))
