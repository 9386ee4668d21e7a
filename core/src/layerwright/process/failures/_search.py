"""Searches output for a pattern, for a limited time."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import re

__all__ = ["SECONDS", "TooLong", "search"]

SECONDS: Final = 2.0
"""The processor time for one search. The patterns of core and of its plugins need less than half of it for any text."""


class TooLong(Exception):
    """The search was ended, because it took too long."""


def search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the first match of *pattern* in *text*; raise ``TooLong`` after two seconds of processor time.

    Only the main thread has this limit, because Python handles signals there.
    """
    # A shorter text would not help: a pattern such as (a+)+$ takes years for one line of forty letters, and the longest
    # match of a right one has thousands of lines. The search itself looks for signals.
    if threading.current_thread() is not threading.main_thread():
        return pattern.search(text)
    before = signal.signal(signal.SIGVTALRM, _end)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            return pattern.search(text)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, before)


def _end(_number: int, _frame: Any) -> None:
    raise TooLong
