"""Reads of untrusted files: only regular files, and only up to a size that fits into memory."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

__all__ = ["LARGEST", "is_at_most", "opened", "read"]

LARGEST: Final = 64 * 1024 * 1024
"""The largest file, in bytes, that is read as a whole; lock files of thousands of distributions have a tenth of it."""
_KINDS: Final = {
    stat.S_IFBLK: "It is a device",
    stat.S_IFCHR: "It is a device",
    stat.S_IFDIR: "It is a directory",
    stat.S_IFIFO: "It is a named pipe",
    stat.S_IFSOCK: "It is a socket",
}


def read(path: Path) -> bytes:
    """Return the bytes of the regular file at *path*; ``OSError``: another kind, or more than ``LARGEST`` bytes."""
    with opened(path) as file:
        too_large = os.fstat(file.fileno()).st_size > LARGEST
        # Not by the size: generated files below /proc report none.
        content = b"" if too_large else file.read(LARGEST + 1)
    if too_large or len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"It has more than {LARGEST // 1024 // 1024} MiB", str(path))
    return content


def is_at_most(size: int, path: Path) -> bool:
    """Return whether *path* exists and has at most *size* bytes."""
    try:
        return path.stat().st_size <= size
    except (OSError, ValueError):
        return False


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """Open the regular file at *path* for reading; for another kind, an ``OSError`` whose message says which."""
    # Checked before opening, because opening a device can have effects; and again after it, because the file may have
    # been replaced.
    _refuse(os.stat(path), path)  # noqa: PTH116
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a descriptor is no path
        _refuse(os.fstat(descriptor), path)
        yield file


def _refuse(found: os.stat_result, path: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, _KINDS[stat.S_IFMT(found.st_mode)], str(path))
