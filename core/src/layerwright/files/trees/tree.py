"""A tree of files as a value: one walk with the status of every entry, for everything that looks at all of them."""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH116

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Tree", "is_folder", "tree_of"]


class Tree(NamedTuple):
    """What is below ``root``, without following links, and the status of what is there.

    ``folders`` has each directory by its path relative to the root, with a slash at the end, and empty for the root
    itself: outer ones first. In each are the names of its entries with their status. It is empty if there is a file at
    the root.
    """

    root: Path
    status: os.stat_result
    folders: Mapping[str, Mapping[str, os.stat_result]]

    @property
    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Each entry below the root by its relative path, which has no slash at the end, with its status."""
        for folder, entries in self.folders.items():
            for name, status in entries.items():
                yield folder + name, status


def tree_of(root: Path, *, without: str = "") -> Tree:
    """Walk the tree at *root*, but not into directories of the name *without*. ``OSError``: it does not exist.

    A directory that cannot be read is empty, and what is removed meanwhile is left out.
    """
    status = os.stat(root)
    folders: dict[str, dict[str, os.stat_result]] = {}
    pending = [""] if is_folder(status) else []
    for folder in pending:
        found = folders[folder] = _entries(f"{root}/{folder}")
        pending += [f"{folder}{name}/" for name, one in found.items() if is_folder(one) and name != without]
    return Tree(root, status, folders)


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
