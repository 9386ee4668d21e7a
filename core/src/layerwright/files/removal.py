"""Removal of trees by file descriptor, so that a directory swapped for a symbolic link meanwhile is not followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["remove_tree"]

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
# Descriptors stay open on the way down, and a process may have a thousand.
_DEEP: Final = 100


def remove_tree(path: Path) -> None:
    """Remove the file or directory at *path*, write-protected directories included; follow no symbolic link."""
    name = os.fspath(path)
    try:
        top = _open(name, None)
    except NotADirectoryError:
        path.unlink()
        return
    try:
        while _empty(top, top, 1):
            pass
    finally:
        os.close(top)
    path.rmdir()


def _empty(directory: int, top: int, depth: int) -> bool:
    """Remove the contents of *directory*; return whether deeply nested ones were moved to *top* instead."""
    moved = False
    with os.scandir(directory) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in found:
        if not is_directory:
            os.unlink(name, dir_fd=directory)  # by descriptor
            continue
        try:
            inner = _open(name, directory)
        except NotADirectoryError:
            # It was replaced meanwhile.
            os.unlink(name, dir_fd=directory)
            continue
        try:
            if depth == _DEEP:
                os.rename(name, os.urandom(8).hex(), src_dir_fd=directory, dst_dir_fd=top)
                moved = True
                continue
            moved |= _empty(inner, top, depth + 1)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=directory)
    return moved


def _open(name: str, parent: int | None) -> int:
    """Open the directory *name*, make it writable, and return its descriptor."""
    try:
        directory = os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        # With the name, chmod would follow a symbolic link.
        handle = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)  # noqa: PTH101
        finally:
            os.close(handle)
        directory = os.open(name, _FOLDER, dir_fd=parent)
    os.fchmod(directory, 0o700)
    return directory
