"""Says whether a build uses the downloads that builds share, by a lock on their directory."""

from __future__ import annotations

import contextlib
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LOCK", "unused", "using"]

LOCK: Final = "lock"


@contextmanager
def using(directory: Path) -> Iterator[None]:
    """Mark *directory* as used, and create it if necessary; nothing is removed from it meanwhile.

    Do neither if this user may not: whatever is done with the directory says so better.
    """
    descriptor = None
    with contextlib.suppress(OSError):
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = _opened(directory)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def unused(directory: Path) -> Iterator[bool]:
    """Yield whether nothing uses *directory*; if so, nothing begins to meanwhile. False if this user cannot know."""
    try:
        descriptor = _opened(directory)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(descriptor)


def _opened(directory: Path) -> int:
    return os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
