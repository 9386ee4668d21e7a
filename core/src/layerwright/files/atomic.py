"""Writes that leave the old file or the new one, whatever happens, and the calls that put them on the disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sync_directory", "sync_file_system", "write_atomically"]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Put *content* at *path* with mode 0644, and on the disk; an ``OSError`` leaves what was there.

    Only one process may write to *path* at a time: the temporary file's name is fixed, so that the next write removes
    what a killed one left behind.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.tmp")  # the lifecycle reads every *.toml as a layer's
    temporary.unlink(missing_ok=True)
    # Where others can write to the directory, a file or link that they put there must not be written to.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor
            os.fchmod(descriptor, 0o644)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Return once the names in the directory *path* are on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(path: Path) -> None:
    """Return once everything that was written to the file system of the directory *path* is on the disk.

    ``OSError``: some of it could not be written.
    """
    try:
        # Python has sync() alone, which waits for every disk of the machine, and fsync() of each of tens of thousands
        # of files takes a hundred times as long.
        import ctypes

        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (ImportError, OSError, AttributeError):
        os.sync()
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if syncfs(descriptor):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error), os.fspath(path))
    finally:
        os.close(descriptor)
