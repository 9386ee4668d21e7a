"""The process boundary: how the process ends, and how errors are shown."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from layerwright.errors import Interrupted, LayerwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["failure", "leave", "open_streams", "terminable", "usual_modes"]

# https://docs.python.org/3/library/sys.monitoring.html#tool-identifiers
_MONITORING_TOOLS: Final = 6


def failure(error: BaseException) -> LayerwrightError:
    """Return the error to show: one that was not raised on purpose is the machine's fault, or our defect."""
    if isinstance(error, LayerwrightError):
        return error
    if isinstance(error, KeyboardInterrupt):
        import signal

        return Interrupted(signal.SIGINT)
    return _site_error(error) if isinstance(error, OSError) else _defect(error)


def open_streams() -> None:
    """Open the null device in place of each standard stream that is closed: ``>&-`` in a shell.

    The next file to be opened would get its number otherwise, and with it what commands print.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, True)
            mode = "r" if name == "stdin" else "w"
            # It is open as long as the process runs.
            setattr(sys, name, open(number, mode, closefd=False, encoding="utf-8"))  # noqa: SIM115


def leave(status: int) -> None:
    """End the process with *status* at once; return if something has to happen before it ends.

    The interpreter would free every object first, which takes a fifth of an unchanged build.
    """
    threading, monitoring = sys.modules.get("threading"), getattr(sys, "monitoring", None)
    # No public function says how many there are.
    callbacks = getattr(atexit, "_ncallbacks", None)
    awaited = (
        callbacks is None or callbacks(),
        sys.getprofile(),
        sys.gettrace(),
        # From CPython 3.12 on, cProfile and others are tools of this kind.
        monitoring is not None and any(map(monitoring.get_tool, range(_MONITORING_TOOLS))),
        threading is not None and threading.active_count() > 1,
    )
    # With PYTHONINSPECT the interpreter would ask for commands afterwards, and its status would differ.
    if sys.flags.inspect or not any(awaited):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)
    # Then it need not search them for garbage, at least.
    gc.freeze()


@contextmanager
def terminable() -> Iterator[None]:
    """Stop on SIGTERM and SIGHUP as on Ctrl-C: end children first, then restore the last build.

    A signal that is ignored when this begins stays ignored: ``nohup`` starts processes like that.
    """
    import signal

    def stop(number: int, _frame: Any) -> None:
        raise Interrupted(number)

    ours = (signal.SIGTERM, signal.SIGHUP)
    heeded = [number for number in ours if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def usual_modes() -> Iterator[None]:
    """Create files that everyone can read and only their owner can write, whatever the umask."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _site_error(error: OSError) -> LayerwrightError:
    import errno

    from layerwright.errors import SiteError

    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    where = f": {error.filename}" if error.filename else ""
    return SiteError(
        "The disk is full." if full else "The operating system refused an operation.",
        cause=f"{error.strerror or error}{where}",
        remedy=(
            "Free some space, or choose another place: --layers for layers, --output for a buildpack."
            if full
            else "Check the path and its permissions."
        ),
        reference="disk-full" if full else "operating-system",
    )


def _defect(error: BaseException) -> LayerwrightError:
    import traceback

    from layerwright.process.version import __version__

    return LayerwrightError(
        f"This is a defect in Layerwright {__version__}, not in your application.",
        cause="".join(traceback.format_exception(error)).rstrip(),
        remedy="Report it with the complete output.",
        reference="defect",
    )
