"""A tree of files as one file, its pack: tens of thousands of files are slow to copy one by one.

A pack has what an image layer keeps of a tree: contents, permissions, symbolic links. Owners, times and hard links are
left out, so equal trees have equal packs.
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH101, PTH102, PTH115, PTH116, PTH123, PTH211

from __future__ import annotations

import hashlib
import json
import mmap
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    Entry = tuple[Any, ...]

__all__ = [
    "TIME",
    "PackError",
    "contents_of",
    "entries_of",
    "is_folder_entry",
    "restore_file",
    "restore_folders",
    "unpack",
    "write_pack",
]

_MAGIC: Final = b"layerwright pack 1\n"
_LENGTH: Final = 8
TIME: Final = 315532801 * 10**9
"""The time of every file in an image: one second into 1980, in UTC, in nanoseconds."""
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class PackError(Exception):
    """A tree cannot be packed, or a pack is damaged; the message says why."""


def write_pack(tree: Path, file: Path) -> str:
    """Write the pack of *tree* to *file*; return its SHA-256 as hexadecimal digits.

    ``PackError``: *tree* contains something that is no file, directory or symbolic link. ``OSError``: something cannot
    be read or written.
    """
    entries = entries_of(tree)
    index = json.dumps(entries, separators=(",", ":")).encode()
    digest = hashlib.sha256()
    with open(file, "wb") as pack:

        def put(data: bytes) -> None:
            pack.write(data)
            digest.update(data)

        put(_MAGIC + len(index).to_bytes(_LENGTH) + index)
        for name, _, *size in entries:
            if size:
                put(contents_of(tree, name, size[0]))
    return digest.hexdigest()


def unpack(file: Path, tree: Path, digest: str) -> None:
    """Create *tree*, which does not exist, from the pack *file* with the SHA-256 *digest*.

    All files have the time that they have in an image. ``PackError``: it is another pack, or a damaged one.
    ``OSError``: it cannot be read, or *tree* cannot be written. What was written until then is left.
    """
    with (
        open(file, "rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as view,
    ):
        if hashlib.sha256(view).hexdigest() != digest:
            raise PackError("its digest differs")
        start = len(_MAGIC) + _LENGTH
        end = start + int.from_bytes(view[len(_MAGIC) : start])
        if bytes(view[: len(_MAGIC)]) != _MAGIC:
            raise PackError("it has another format")
        entries = json.loads(bytes(view[start:end]))
        with restore_folders(tree, entries):
            for name, mode, *size in entries:
                if size:
                    restore_file(f"{tree}/{name}", mode, view[end : end + size[0]])
                    end += size[0]


def entries_of(tree: Path) -> list[Entry]:
    """Return what is in *tree*, sorted: each directory before its contents, which begin with *tree* itself, ``""``.

    A directory has its name and permissions, a file its size in addition, a symbolic link its target instead of
    permissions. ``PackError``: something is neither.
    """
    return list(_entries(os.fspath(tree), ""))


def contents_of(tree: Path, name: str, size: int) -> bytes:
    """Return the contents of the file *name* in *tree*; ``PackError``: its size is not *size* any more."""
    content = _content(f"{tree}/{name}")
    if len(content) != size:
        raise PackError(f"{name} is being written to")
    return content


@contextmanager
def restore_folders(tree: Path, entries: Iterable[Entry]) -> Iterator[None]:
    """Create the directories and links among *entries*; on leaving, give the directories their permissions."""
    folders: list[tuple[str, int]] = []
    for name, what, *size in entries:
        path = f"{tree}/{name}" if name else os.fspath(tree)
        if isinstance(what, str):
            os.symlink(what, path)
        elif not size:
            os.mkdir(path, 0o700)
            folders.append((path, what))
    yield
    # The innermost first: a directory may be read-only, and its time changes with its entries.
    for path, mode in reversed(folders):
        os.chmod(path, mode)
        os.utime(path, ns=(TIME, TIME))


def restore_file(path: str, mode: int, content: memoryview) -> None:
    """Create the file at *path*, which does not exist, with *content* and the permissions *mode*."""
    descriptor = os.open(path, _FLAGS, mode)
    try:
        written = 0
        while written < len(content):
            written += os.write(descriptor, content[written:])
        os.fchmod(descriptor, mode)
        os.utime(descriptor, ns=(TIME, TIME))
    finally:
        os.close(descriptor)


def is_folder_entry(entry: Entry) -> bool:
    """Return whether *entry* is a directory."""
    return len(entry) == 2 and not isinstance(entry[1], str)


def _entries(tree: str, name: str) -> Iterator[Entry]:
    folder = f"{tree}/{name}" if name else tree
    yield name, stat.S_IMODE(os.stat(folder).st_mode)
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        inner = f"{name}/{entry.name}" if name else entry.name
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            yield from _entries(tree, inner)
        elif stat.S_ISREG(status.st_mode):
            yield inner, stat.S_IMODE(status.st_mode), status.st_size
        elif stat.S_ISLNK(status.st_mode):
            yield inner, os.readlink(entry.path)
        else:
            raise PackError(f"{inner} is neither a file nor a directory nor a symbolic link")


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.readall()
