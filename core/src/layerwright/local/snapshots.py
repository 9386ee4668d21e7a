"""Keeps a second copy of a layer, by hard links, and updates it with little work.

Linking the tens of thousands of files of a large virtual environment takes seconds, and so does removing the links.
Unchanged files need neither: they are the same file in both, which their inode shows without reading them.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["Snapshots", "look_again"]


class Snapshots:
    """The snapshots in the directory at *path*, at most one for each layer.

    *remove* removes one so that a half-removed snapshot is never seen.
    """

    def __init__(self, path: Path, remove: Callable[[Path], None]) -> None:
        self._path: Final = path
        self._remove: Final = remove

    def take(self, name: str, destination: Path) -> bool:
        """Move the snapshot of the layer *name* to *destination*; return whether one could be moved."""
        try:
            (self._path / name).rename(destination)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EXDEV):
                raise
            return False
        return True

    def keep(self, copy: Path, layer: Path, tree: Callable[[Path], Tree]) -> None:
        """Update *copy*, the old state of *layer*, to a snapshot of its current state, as *tree* returns it.

        If files cannot be linked, or the disk is full, there is no snapshot: it would need as much space as the
        layer.
        """
        from layerwright.files.trees.linking import follow_tree, hard_link

        self.forget(layer.name)
        with contextlib.suppress(OSError):
            follow_tree(tree(layer), os.fspath(copy), link=hard_link)
            self._path.mkdir(exist_ok=True)
            copy.rename(self._path / layer.name)

    def forget(self, name: str) -> None:
        """Remove the snapshot of the layer *name*, if there is one."""
        self._remove(self._path / name)


def look_again(layer: Path, before: Tree | None) -> Tree:
    """Return what is in *layer*; *before* is what was there before its environment files were written."""
    # A build with nothing changed looks at nothing.
    from layerwright.cnb.layers.layer_env import Scope
    from layerwright.files.trees.tree import refreshed, tree_of

    return tree_of(layer) if before is None else refreshed(before, only=[scope.value for scope in Scope])
