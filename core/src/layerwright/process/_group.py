"""Process groups: reading the output of their leader, and ending all of their processes."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

__all__ = ["chunks", "end_group", "is_there"]

_POLL_SECONDS: Final = 0.02
_POLL_MILLISECONDS: Final = 50
_CHUNK: Final = 64 * 1024


def chunks(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Yield the output of *process* until it has ended, or until nothing can write any more."""
    import select

    assert process.stdout is not None  # noqa: S101  # the type only: PIPE was asked for
    pipe = process.stdout.fileno()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while True:
        # A background child may keep the pipe open forever; the end of the pipe is not the end of the process.
        if process.poll() is not None:
            yield _left_in(pipe)
            return
        if poll.poll(_POLL_MILLISECONDS):
            chunk = os.read(pipe, _CHUNK)
            if not chunk:
                return
            yield chunk


def _left_in(pipe: int) -> bytes:
    """Return the data in *pipe* now, which includes all output of a process that has ended."""
    import array
    import fcntl
    import termios

    size = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, size)
    return os.read(pipe, size[0])


def end_group(process: subprocess.Popen[bytes], grace: float) -> None:
    """End every process of the group that *process* leads: with SIGTERM, and after *grace* seconds with SIGKILL."""
    import signal

    try:
        until = time.monotonic() + grace
        _signal_group(process, signal.SIGTERM)
        while is_there(process) and time.monotonic() < until:
            time.sleep(_POLL_SECONDS)
    finally:
        # Also if a second Ctrl-C interrupts the wait.
        _signal_group(process, signal.SIGKILL)
        process.wait()


def is_there(process: subprocess.Popen[bytes]) -> bool:
    """Return whether any process of the group of *process* is running."""
    # An ended leader belongs to its group until it is waited for.
    process.poll()
    # Only names and descriptors: a second Ctrl-C may come at any point, and would leave an object open.
    return _signal_group(process, 0) and any(_runs_in(process.pid, pid) for pid in os.listdir("/proc"))  # noqa: PTH208


def _runs_in(group: int, pid: str) -> bool:
    # Ended processes also belong to their group until they are waited for, which the first process of a container may
    # never do.
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        try:
            state, _, its_group, *_ = os.read(descriptor, _CHUNK).rpartition(b")")[2].split()
        finally:
            os.close(descriptor)
    except OSError:
        return False
    return int(its_group) == group and state != b"Z"


def _signal_group(process: subprocess.Popen[bytes], number: int) -> bool:
    """Send signal *number*, or none for 0; return whether the group has any process."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
