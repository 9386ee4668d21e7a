"""Takes what is removed out of its place by one rename, before any of it is deleted."""

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
    """The directory at *path*, on the file system of all that is put there; a kill leaves half of a tree in it alone.

    What cannot be deleted, as another user owns it, stays there until a later :meth:`empty` can. What the file system
    cannot move is deleted in its place: a directory of an image's lower layer, on overlayfs.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path

    def put(self, path: Path) -> Path:
        """Move the file or directory at *path* here, and return where it is now, if it is still anywhere."""
        # Another name each time: what an earlier one left cannot be in the way.
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
        """Remove the file or directory at *path*, if there is one."""
        if os.path.lexists(path):
            _delete(self.put(path))

    def empty(self) -> None:
        """Delete what is here."""
        with contextlib.suppress(FileNotFoundError):
            for path in list(self._path.iterdir()):
                _delete(path)


def _delete(path: Path) -> None:
    with contextlib.suppress(OSError):
        remove_tree(path)
