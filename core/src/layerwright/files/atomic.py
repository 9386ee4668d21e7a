"""Writes that leave either the old file or the new one, and the calls that sync them to disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["sync_directory", "sync_file_system", "write_atomically"]


def write_atomically(path: Path, content: str | bytes, *, lasting: bool = True) -> None:
    """Write *content* to *path* with mode 0644; after an ``OSError`` the old file is unchanged.

    If it must be *lasting*, it is synced: it outlives a power cut.

    Only one process may write to *path* at a time: the temporary file has a fixed name, so that the next write
    removes the one that a killed write left.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.tmp")  # the lifecycle reads every *.toml as a layer's
    temporary.unlink(missing_ok=True)
    # If other users can write to the directory, do not write to a file or link that they put there.
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor
            os.fchmod(descriptor, 0o644)
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if lasting:
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Sync the names in the directory *path* to disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(path: Path) -> None:
    """Sync everything that was written to the file system of the directory *path* to disk.

    ``OSError``: some of it could not be written.
    """
    try:
        # Python only has sync(), which waits for every disk of the machine, and fsync(), which for tens of thousands
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
