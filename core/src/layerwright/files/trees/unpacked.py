"""A tree that was unpacked, and what of it has not changed since."""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH115, PTH116

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from layerwright.files.trees.pack import TIME, is_folder_entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.files.trees.pack import Entry

__all__ = ["Unpacked", "unpacked_from"]


class Unpacked(NamedTuple):
    """The *tree* with *entries* that was unpacked from the pack *file*.

    ``folders`` has the inode of each directory, outer ones first. ``done`` is the time in nanoseconds at which the
    last of them was complete, by the clock of their file system.
    """

    file: Path
    tree: Path
    entries: Sequence[Entry]
    folders: Mapping[str, int]
    done: int

    def is_unchanged(self) -> bool:
        """Return whether nothing in the tree has changed since."""
        return all(map(self.has, self.entries))

    def has(self, entry: Entry) -> bool:
        """Return whether *entry* is as unpacking has left it, by its times, size and permissions, or its target.

        A program can set the time of the last modification, but not that of the last change, which is also that of
        renaming. The times of a directory change with its entries.
        """
        name, what, *size = entry
        path = f"{self.tree}/{name}"
        try:
            if isinstance(what, str):
                return os.readlink(path) == what
            status = os.lstat(path)
        except OSError:
            return False
        kind = stat.S_IFREG if size else stat.S_IFDIR
        is_same = (
            status.st_mode == kind | what and status.st_mtime_ns == TIME and status.st_ctime_ns <= self.done
        )
        return is_same and size in ([], [status.st_size])

    def folders_in_place(self) -> frozenset[str]:
        """Return the directories that are the same as then, like all those around them, whatever is in them."""
        found: set[str] = set()
        for name, inode in self.folders.items():
            if (not name or name.rpartition("/")[0] in found) and _inode(f"{self.tree}/{name}") == inode:
                found.add(name)
        return frozenset(found)


def unpacked_from(file: Path, tree: Path, entries: Sequence[Entry]) -> Unpacked:
    """Return the state of *tree*, in which *entries* have just been unpacked from the pack *file*."""
    folders = {entry[0]: _inode(f"{tree}/{entry[0]}") for entry in entries if is_folder_entry(entry)}
    # The root is completed last.
    return Unpacked(file, tree, entries, folders, os.stat(tree).st_ctime_ns)


def _inode(path: str) -> int:
    try:
        return os.lstat(path).st_ino
    except OSError:
        return 0
