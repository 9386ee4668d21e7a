"""Work on another core, in a fork of this process that starts no program."""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Forked", "forked"]

T = TypeVar("T")


class Forked(Generic[T]):
    """Work in the process *child*, whose result is read from *descriptor*; with 0, nothing was begun."""

    def __init__(self, child: int = 0, descriptor: int = -1) -> None:
        self._child: Final = child
        self._descriptor: Final = descriptor

    def __call__(self) -> T | None:
        """Wait for the result, and return it; call this once.

        If this is interrupted, by a signal for example, the process is killed: it must not go on without a parent that
        waits for what it does.
        """
        if not self._child:
            return None
        try:
            with open(self._descriptor, "rb") as pipe:  # noqa: PTH123  # a descriptor
                content = pipe.read()
        except BaseException:
            self._kill()
            raise
        result: T | None = _result(self._child, content)
        return result

    def stop(self) -> None:
        """Kill the process instead of waiting for its result."""
        if self._child:
            os.close(self._descriptor)
            self._kill()

    def _kill(self) -> None:
        from signal import SIGKILL

        # If SIGCHLD is ignored, it may be gone, and nothing is left to wait for.
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._child, SIGKILL)
            os.waitpid(self._child, 0)


def forked(work: Callable[[], T]) -> Forked[T]:
    """Begin *work* on another core, in a fork of this process, and return a function that waits for its result.

    Call that once. Its result is ``None`` if there is no other core, if forking is refused or not safe, and if *work*
    did not complete: the caller then does it itself. A result consists of plain values: strings, bytes, numbers, and
    tuples, lists and dictionaries of them.
    """
    threading = sys.modules.get("threading")
    # A fork inherits the locks of other threads, but not the threads that would release them.
    if len(os.sched_getaffinity(0)) < 2 or (threading is not None and threading.active_count() > 1):
        return Forked()
    receiver, sender = os.pipe()
    parent, status = os.getpid(), 1
    try:
        child = os.fork()
        if not child:  # pragma: no cover  # coverage measures the parent
            os.close(receiver)
            result: Any = work()
            _write(sender, marshal.dumps(result))
            status = 0
    except OSError:
        os.close(receiver)
        os.close(sender)
        return Forked()
    finally:
        # Whatever happens, including signals, the fork must not continue with the code of its parent.
        if os.getpid() != parent:  # pragma: no cover
            os._exit(status)
    os.close(sender)
    return Forked(child, receiver)


def _write(descriptor: int, content: bytes) -> None:  # pragma: no cover  # in the fork
    while content:
        content = content[os.write(descriptor, content) :]


def _result(child: int, content: bytes) -> Any:
    try:
        return marshal.loads(content) if os.waitpid(child, 0)[1] == 0 else None  # noqa: S302  # from our fork
    except ChildProcessError:
        # If SIGCHLD is ignored, its status is unknown.
        return None
