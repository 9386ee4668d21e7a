"""Durations as people write them: ``7 days``, ``36 hours``, ``P7D``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

__all__ = ["duration", "duration_words"]

_WORDS: Final = r"(\d{1,5}) ?(hour|day|week)s?"
_ISO: Final = r"P(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(\d{1,5})H)?"


def duration(text: str) -> timedelta:
    """Return the duration *text*: a number of hours, days or weeks, or ISO 8601 in these; ``ValueError``: it is none.

    A month is no duration, because months differ in length.
    """
    words = re.fullmatch(_WORDS, text.strip().lower())
    if words is not None:
        return timedelta(**{f"{words[2]}s": int(words[1])})
    iso = re.fullmatch(_ISO, text.strip().upper())
    if iso is not None and any(iso.groups()):
        weeks, days, hours = (int(number or 0) for number in iso.groups())
        return timedelta(weeks=weeks, days=days, hours=hours)
    raise ValueError('must be a number of hours, days or weeks, such as "7 days"')


def duration_words(length: timedelta) -> str:
    """Return *length* in whole days, or else in hours, as text."""
    hours = int(length.total_seconds() // 3600)
    number, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"
