"""Sizes of layers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.files.trees.tree import is_folder

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["size_in", "size_of"]


def size_of(directory: Path) -> int:
    """Return the bytes in the files below *directory*, without following symbolic links."""
    total = 0
    pending = [os.fspath(directory)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def size_in(tree: Tree, *, without: Collection[str] = ()) -> int:
    """Return the bytes in the files of *tree*, except those in the directories *without* at its root."""
    return sum(
        status.st_size
        for folder, entries in tree.folders.items()
        if folder.partition("/")[0] not in without
        for status in entries.values()
        if not is_folder(status)
    )
