"""Names of distributions."""

from __future__ import annotations

import re

__all__ = ["normalised_name"]


def normalised_name(name: str) -> str:
    """Return *name*, that of a distribution, in the one spelling that all of its spellings have (PEP 503).

    It is what ``packaging.utils.canonicalize_name`` returns, whose import takes a tenth of an unchanged build.
    """
    return re.sub(r"[-_.]+", "-", name).lower()
