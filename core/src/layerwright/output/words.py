"""Sizes, times and long lists for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bytes_words", "seconds_words", "some_words"]


def bytes_words(size: int) -> str:
    """Format *size*, in bytes, in decimal units as disks and registries use: ``39.1 MB``."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} GB"


def seconds_words(seconds: float) -> str:
    """Format *seconds* for people: ``0.04 s``, ``12.3 s``, ``2 min 5 s``."""
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def some_words(names: Sequence[str], most: int = 3) -> str:
    """Format *names* for people, at most *most* of them: ``a, b, c and 4 more``."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
