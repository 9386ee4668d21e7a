"""The log of commands whose standard output is for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from layerwright.output.log import Log, wants_colour

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["log_aside"]


def log_aside(environment: Mapping[str, str]) -> Log:
    """Return a log on the standard error."""
    return Log(sys.stderr, colour=wants_colour(sys.stderr, environment))
