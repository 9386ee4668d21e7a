"""Names of distributions, and of what plugins provide."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_plain_name", "normalised_name"]

_PLAIN: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def normalised_name(name: str) -> str:
    """Return the normalised form of *name*, the name of a distribution (PEP 503).

    It equals ``packaging.utils.canonicalize_name``, whose import takes a tenth of an unchanged build.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def is_plain_name(name: str) -> bool:
    """Return whether *name* is lower-case words joined by ``-``: what package managers, layers and settings are called.

    Each such name is also a normalised name of a distribution.
    """
    return _PLAIN.fullmatch(name) is not None
