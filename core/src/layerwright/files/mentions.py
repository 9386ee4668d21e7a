"""Paths that are mentioned in the content of files."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["mentions"]


def mentions(prefixes: Sequence[str]) -> re.Pattern[bytes]:
    """Return a pattern for any of *prefixes* as a whole name: ``-L/opt/py/lib`` mentions ``/opt/py``."""
    names = b"|".join(re.escape(os.fsencode(prefix)) for prefix in sorted(prefixes, key=len, reverse=True))
    # It must not follow the name of another directory; but compiler options may precede it directly.
    return re.compile(rb"(?:(?<!\w)|(?<=-[ILR]))(?:" + names + rb")(?![\w.+-])")
