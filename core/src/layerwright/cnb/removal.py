"""Removes trees by descriptor: what is swapped for a symbolic link meanwhile is not followed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["remove_tree"]

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


def remove_tree(path: Path) -> None:
    """Remove the file or directory at *path*, write-protected directories included; follow no symbolic link."""
    _remove(os.fspath(path), None)


def _remove(name: str, parent: int | None) -> None:
    try:
        directory = _open(name, parent)
    except NotADirectoryError:
        os.unlink(name, dir_fd=parent)  # by descriptor
        return
    try:
        _empty(directory)
    finally:
        os.close(directory)
    os.rmdir(name, dir_fd=parent)  # by descriptor


def _open(name: str, parent: int | None) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        # By its name, chmod would follow a symbolic link.
        handle = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{handle}", 0o700)  # noqa: PTH101
        finally:
            os.close(handle)
        return os.open(name, _FOLDER, dir_fd=parent)


def _empty(directory: int) -> None:
    os.fchmod(directory, 0o700)
    with os.scandir(directory) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in found:
        if is_directory:
            _remove(name, directory)
        else:
            os.unlink(name, dir_fd=directory)
