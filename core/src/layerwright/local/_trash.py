"""Removes files and directories with one rename, before any of them is deleted."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Final

from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Trash"]


class Trash:
    """The directory at *path*, on the file system of everything that is put there.

    A kill leaves half-deleted trees only there. Files that cannot be deleted, because another user owns them, stay
    until a later :meth:`empty` can. Files that cannot be moved are deleted in place: for example a directory of an
    image's lower layer, on overlayfs.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path

    def put(self, path: Path) -> Path:
        """Move the file or directory at *path* here; return its new path, if it still exists."""
        # A new name each time, so that entries of an earlier one are not in the way.
        place = self._path / os.urandom(8).hex()
        self._path.mkdir(parents=True, exist_ok=True)
        try:
            path.rename(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            remove_tree(path)
        return place

    def remove(self, path: Path) -> None:
        """Remove the file or directory at *path*, if it exists."""
        if os.path.lexists(path):
            _delete(self.put(path))

    def empty(self) -> None:
        """Delete the contents of the trash."""
        with contextlib.suppress(FileNotFoundError):
            for path in list(self._path.iterdir()):
                _delete(path)


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        remove_tree(path)
