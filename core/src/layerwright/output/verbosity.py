"""How much a build prints."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["VARIABLE", "Verbosity", "verbosity"]

VARIABLE: Final = "LAYERWRIGHT_LOG"


class Verbosity(StrEnum):
    """How much a build prints."""

    QUIET = "quiet"
    """Errors."""

    COMPACT = "compact"
    """What happens to each layer, what changes in the virtual environment, warnings and the result."""

    VERBOSE = "verbose"
    """Also each command, and what it prints."""


def verbosity(environment: Mapping[str, str]) -> Verbosity:
    """Return how much a build prints according to ``LAYERWRIGHT_LOG``; ``UserError``: its value has no meaning."""
    value = environment.get(VARIABLE, "").strip().lower()
    try:
        return Verbosity(value) if value else Verbosity.COMPACT
    except ValueError:
        raise UserError(
            f'"{value}" in {VARIABLE} is unknown.',
            cause=f"The values are {', '.join(Verbosity)}.",
            remedy="Set it to one of these, or unset it.",
            reference="log-verbosity",
        ) from None
