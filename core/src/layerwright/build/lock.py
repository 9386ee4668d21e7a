"""One build at a time in a directory: the second waits, and says so. Readers need no permission to write."""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from layerwright.build.layers.names import PRIVATE
from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.output.log import Log

__all__ = ["PRIVATE", "announce_run", "idle", "locked", "running", "shared"]

_LOCK: Final = "lock"
_RUNNING: Final = "running"
_LOCKS: Final = "/proc/locks"


@contextmanager
def locked(place: Path, log: Log) -> Iterator[int]:
    """Hold the lock of the directory *place*; the operating system releases it when this process ends.

    ``SiteError``: *place* cannot be written to.
    """
    descriptor = _held(place, log)
    try:
        yield descriptor
    finally:
        # Closing alone would leave the lock with a daemon that inherited the descriptor from a command.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


@contextmanager
def idle(place: Path) -> Iterator[bool]:
    """Yield whether neither a build nor a process uses the directory *place*; if so, none begins to meanwhile.

    A lock that this user cannot take counts as one that is held.
    """
    descriptor = _opened_to_read(place / PRIVATE / _LOCK)
    if descriptor is None:
        yield not os.path.lexists(place / PRIVATE / _LOCK)
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = not os.path.lexists(place / PRIVATE / _RUNNING) or running(place) is None
    except OSError:
        free = False
    try:
        yield free
    finally:
        os.close(descriptor)


def _held(place: Path, log: Log) -> int:
    """Return a descriptor that has the lock of *place*."""
    while True:
        descriptor = _created(place)
        try:
            _lock(descriptor, fcntl.LOCK_EX, log)
            if _is_at(descriptor, place / PRIVATE / _LOCK):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        # The directory was removed from the cache meanwhile: begin again, in a new one.
        os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _created(place: Path) -> int:
    private = place / PRIVATE
    try:
        private.mkdir(parents=True, exist_ok=True)
        if private.is_symlink():
            # Otherwise the owner of the directory would decide where files are written and removed.
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(private))
        descriptor = _opened(private / _LOCK)
        # Processes of another user that run from here can lock it, but could not create it.
        os.close(_opened(private / _RUNNING))
    except OSError as error:
        raise SiteError(
            f"{place} cannot be used for layers.",
            cause=f"{error.strerror}: {error.filename}",
            remedy="Choose another directory with --layers or LAYERWRIGHT_CACHE_DIR.",
            reference="layers-directory",
        ) from error
    return descriptor


@contextmanager
def shared(place: Path, log: Log) -> Iterator[None]:
    """Block builds in the directory *place*, and wait for a running one; do neither if the lock cannot be read."""
    descriptor = _opened_to_read(place / PRIVATE / _LOCK)
    try:
        if descriptor is not None:
            _lock(descriptor, fcntl.LOCK_SH, log)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def announce_run(place: Path) -> int | None:
    """Tell builds in the directory *place* that this process runs from there, until it and its children end.

    Return the descriptor for that, which a program that replaces this process inherits; ``None`` if it is not
    possible.
    """
    descriptor = _opened_to_read(place / PRIVATE / _RUNNING)
    if descriptor is not None:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        os.set_inheritable(descriptor, True)
    return descriptor


def running(place: Path) -> tuple[int, ...] | None:
    """Return the ids of processes that run from the directory *place*, as far as they are known.

    ``None`` if there are none. The caller holds the lock of *place*.
    """
    descriptor = os.open(place / PRIVATE / _RUNNING, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return tuple(_holders(descriptor))
    finally:
        os.close(descriptor)
    return None


def _holders(descriptor: int) -> Iterator[int]:
    """Yield the ids of the processes that hold a lock on the file of *descriptor* (proc(5))."""
    status = os.fstat(descriptor)
    file = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    try:
        with open(_LOCKS, encoding="ascii") as locks:  # noqa: PTH123  # it is no file
            lines = [line.split() for line in locks]
    except OSError:
        return
    # In a container, the id of a process outside it is 0.
    yield from sorted(int(fields[4]) for fields in lines if fields[5:6] == [file] and int(fields[4]) > 0)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)


def _opened_to_read(path: Path) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None


def _lock(descriptor: int, kind: int, log: Log) -> None:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        log.line("Waiting for another build of this application to finish.")
        fcntl.flock(descriptor, kind)
