"""Sizes and times for people."""

from __future__ import annotations

__all__ = ["bytes_words", "seconds_words"]


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
