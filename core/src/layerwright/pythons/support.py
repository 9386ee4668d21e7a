"""The minor versions of CPython that are supported, and the end of its own support of each."""

from __future__ import annotations

from datetime import date
from typing import Final

from layerwright.pythons.provider import minor_of

__all__ = ["MINORS", "end_of_life"]

# https://devguide.python.org/versions/; the last day of the month if only that has been announced.
_END_OF_LIFE: Final = {
    "3.9": date(2025, 10, 31),
    "3.10": date(2026, 10, 31),
    "3.11": date(2027, 10, 31),
    "3.12": date(2028, 10, 31),
    "3.13": date(2029, 10, 31),
    "3.14": date(2030, 10, 31),
    "3.15": date(2031, 10, 31),
}

MINORS: Final = tuple(reversed(_END_OF_LIFE))
"""The supported minor versions, the newest first."""


def end_of_life(version: str) -> date | None:
    """Return the last day of security support of *version* (``3.13`` or ``3.13.2``); ``None`` if unknown."""
    return _END_OF_LIFE.get(minor_of(version))
