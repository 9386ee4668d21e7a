"""The state of a tree of files, so that a change of it is noticed without reading the files.

Reading everything would take longer than an unchanged build may, so change times, sizes and permissions are compared:
of each directory, whose time changes when an entry is added, removed or replaced, and of each file that Python or the
operating system runs. Data and bytecode that were edited in place are noticed only by a seal of all files.
"""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["altered_since", "seal_from", "seal_of"]

# Interpreters may add to it at any time, and ignore invalid bytecode.
_BYTECODE: Final = "__pycache__"
# Python also imports modules from archives and from bytecode without source, and reads the other three at start-up.
_IMPORTED: Final = (".py", ".pyc", ".egg", ".pyz", ".zip", ".cfg", ".pth", ".start")
_EXECUTABLE: Final = 0o111
_SEPARATOR: Final = b"\0\0"
_GONE: Final = -1


def seal_of(place: Path) -> bytes:
    """Return the seal of all files in the tree at *place*. ``OSError``: it does not exist."""
    # A build with nothing changed only compares.
    from layerwright.files.trees.tree import tree_of

    return seal_from(tree_of(place), all_files=True)


def seal_from(tree: Tree, *, all_files: bool = False) -> bytes:
    """Return the seal of *tree*, or of *all_files* in it."""
    from layerwright.files.trees.tree import is_folder

    names, stamps = [b"."], array("q", (_stamp(tree.status),))
    for folder, entries in tree.folders.items():
        if not all_files and f"/{_BYTECODE}/" in f"/{folder}":
            continue
        for name, status in entries.items():
            if all_files or (name != _BYTECODE if is_folder(status) else _is_run(name, status)):
                names.append(os.fsencode(folder + name))
                stamps.append(_stamp(status))
    return b"\0".join(names) + _SEPARATOR + stamps.tobytes()


def altered_since(tree: Path, seal: bytes) -> tuple[str, ...]:
    """Return the innermost files and directories in *tree* that changed since *seal* was made.

    ``OSError``: *tree* does not exist.
    """
    encoded, _, recorded = seal.partition(_SEPARATOR)
    names = encoded.split(b"\0")
    now = _stamps(tree, names)
    if now.tobytes() == recorded:
        return ()
    then = array("q")
    then.frombytes(recorded[: len(recorded) // then.itemsize * then.itemsize])
    found = [os.fsdecode(name) for name, a, b in zip(names, then, now, strict=False) if a != b]
    # The changed entries of a directory say more than the directory itself.
    told = {os.path.dirname(name) or "." for name in found if name != "."}  # noqa: PTH120  # plain strings
    return tuple(name for name in found if name not in told)


def _is_run(name: str, status: os.stat_result) -> bool:
    """Return whether the entry *name* is a module, a program, metadata, or a file that affects one of these."""
    if "." not in name or name.endswith(_IMPORTED) or ".so" in name:
        return True
    # A program can have any name: the interpreter itself is python3.13. A link has all permissions.
    return bool(status.st_mode & _EXECUTABLE)


def _stamps(tree: Path, names: list[bytes]) -> array[int]:
    stat, directory = os.stat, os.open(tree, os.O_RDONLY)
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
