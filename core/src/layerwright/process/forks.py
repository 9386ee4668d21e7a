"""Does work on another core, in a fork of this process that starts no program."""

from __future__ import annotations

import marshal
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["forked"]

T = TypeVar("T")


def forked(work: Callable[[], T]) -> Callable[[], T | None]:
    """Begin *work* on another core, in a fork of this process, and return what waits for its result.

    That can be called once. Its result is ``None`` where there is no other core, where forking is refused or not safe,
    and where *work* did not complete: the caller then does it itself. It consists of plain values alone:
    strings, bytes, numbers, and tuples, lists and dictionaries of them.
    """
    threading = sys.modules.get("threading")
    # A fork has the locks of other threads, but not the threads that would open them.
    if len(os.sched_getaffinity(0)) < 2 or (threading is not None and threading.active_count() > 1):
        return lambda: None
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
        return lambda: None
    finally:
        # Whatever happens, a signal included, the fork does nothing of what its parent goes on to do.
        if os.getpid() != parent:  # pragma: no cover
            os._exit(status)
    os.close(sender)
    return lambda: _result(child, receiver)


def _write(descriptor: int, content: bytes) -> None:  # pragma: no cover  # in the fork
    while content:
        content = content[os.write(descriptor, content) :]


def _result(child: int, descriptor: int) -> Any:
    with open(descriptor, "rb") as pipe:
        content = pipe.read()
    try:
        return marshal.loads(content) if os.waitpid(child, 0)[1] == 0 else None  # noqa: S302  # from our fork
    except ChildProcessError:
        # Where SIGCHLD is ignored, there is no way to tell how it ended.
        return None
