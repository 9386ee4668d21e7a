"""A tree of files as a value: one walk with the status of every entry, for everything that looks at all of them."""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH116

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Tree", "is_folder", "refreshed", "tree_of"]

# Times of directories are behind the clock, by up to two seconds on some file systems.
_BEHIND: Final = 2_000_000_000


class Tree(NamedTuple):
    """What is below ``root``, without following links, and the status of what is there.

    ``folders`` has each directory by its path relative to the root, with a slash at the end, and empty for the root
    itself: outer ones first. In each are the names of its entries with their status. It is empty if there is a file at
    the root. ``begun`` is when the walk began, in nanoseconds of the clock.
    """

    root: Path
    status: os.stat_result
    folders: Mapping[str, Mapping[str, os.stat_result]]
    begun: int


def tree_of(root: Path) -> Tree:
    """Walk the tree at *root*. ``OSError``: it does not exist.

    A directory that cannot be read is empty, and what is removed meanwhile is left out.
    """
    begun = time.time_ns()
    status = os.stat(root)
    folders: dict[str, dict[str, os.stat_result]] = {}
    pending = [""] if is_folder(status) else []
    for folder in pending:
        found = folders[folder] = _entries(f"{root}/{folder}")
        pending += [f"{folder}{name}/" for name, one in found.items() if is_folder(one)]
    return Tree(root, status, folders, begun)


def refreshed(tree: Tree, *, only: Collection[str] | None = None) -> Tree:
    """Return what is at the root of *tree* now, if since then files were added, removed or replaced, but not edited.

    Only directories whose times show a change are listed again. With *only*, no other directories at the root than
    those are looked into: the others are as they were.
    """
    begun = time.time_ns()
    try:
        status, folders = os.stat(tree.root), dict[str, Mapping[str, os.stat_result]]()
        pending = [("", tree.status, status)]
        for folder, then, now in pending:
            before, path = tree.folders.get(folder, {}), f"{tree.root}/{folder}"
            is_known = folder in tree.folders and _is_unchanged(then, now, tree.begun)
            entries = before if is_known else _entries(path)
            inner = {name: one for name, one in entries.items() if is_folder(one)}
            if not folder and only is not None:
                entries = {
                    **entries,
                    **{name: before[name] for name in inner.keys() & before.keys() - set(only)},
                }
                inner = {name: one for name, one in inner.items() if name in only or name not in before}
            if is_known and inner:
                inner = {name: os.stat(path + name, follow_symlinks=False) for name in inner}
                entries = {**entries, **inner}
            folders[folder] = entries
            pending += [
                (f"{folder}{name}/", before.get(name, tree.status), one) for name, one in inner.items()
            ]
    except FileNotFoundError:
        # A directory went away meanwhile.
        return tree_of(tree.root)
    left = {name for name, one in folders[""].items() if is_folder(one) and f"{name}/" not in folders}
    folders |= {name: each for name, each in tree.folders.items() if name.partition("/")[0] in left}
    return Tree(tree.root, status, folders, begun)


def is_folder(status: os.stat_result) -> bool:
    """Return whether *status* is that of a directory."""
    return stat.S_ISDIR(status.st_mode)


def _entries(path: str) -> dict[str, os.stat_result]:
    found: dict[str, os.stat_result] = {}
    try:
        # Relative to a descriptor, the kernel resolves names, and no paths.
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return found
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                try:
                    found[entry.name] = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
    finally:
        os.close(descriptor)
    return found


def _is_unchanged(then: os.stat_result, now: os.stat_result, begun: int) -> bool:
    """Return whether a directory has the entries that a walk found, which has *begun* at that time."""
    return (then.st_ino, then.st_mtime_ns, then.st_ctime_ns) == (
        now.st_ino,
        now.st_mtime_ns,
        now.st_ctime_ns,
    ) and max(now.st_mtime_ns, now.st_ctime_ns) < begun - _BEHIND
