"""Names of distributions."""

from __future__ import annotations

import re

__all__ = ["normalised_name"]


def normalised_name(name: str) -> str:
    """Return the normalised form of *name*, the name of a distribution (PEP 503).

    It equals ``packaging.utils.canonicalize_name``, whose import takes a tenth of an unchanged build.
    """
    return re.sub(r"[-_.]+", "-", name).lower()
