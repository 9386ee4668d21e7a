"""One build at a time in one place: the second waits, and says so."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.output import Log

__all__ = ["PRIVATE", "locked"]

PRIVATE: Final = ".layerwright"
"""The directory among layers that is no layer, but ours."""


@contextmanager
def locked(place: Path, log: Log) -> Iterator[int]:
    """Hold the lock of the directory *place*; the operating system drops it, whatever happens to us.

    ``SiteError``: *place* cannot be written to.
    """
    private = place / PRIVATE
    try:
        private.mkdir(parents=True, exist_ok=True)
        if private.is_symlink():
            # What is written and removed there would be wherever the owner of the directory wants.
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(private))
        descriptor = os.open(private / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise SiteError(
            f"{place} cannot be used for layers.",
            cause=f"{error.strerror}: {error.filename}",
            remedy="Choose another directory with --layers, or with the variable LAYERWRIGHT_CACHE_DIR.",
            reference="layers-directory",
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.line("Another build of this application is running; waiting for it to end.")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
