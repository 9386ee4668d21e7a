"""How severe a vulnerability is: one scale for every database."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from layerwright.build.audit._cvss import base_score

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Severity", "rated"]

_HIGH: Final = 7.0
_V2: Final = "CVSS_V2"


class Severity(Enum):
    """A severity; the values are those of ``--fail-on``, beside ``unknown``."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    """The database has none, or one of a type that is not known."""

    @property
    def rank(self) -> int:
        """Its place in the order of findings, which begins with the highest; ``unknown`` is next below ``high``."""
        order = (Severity.LOW, Severity.MEDIUM, Severity.UNKNOWN, Severity.HIGH, Severity.CRITICAL)
        return order.index(self)

    def reaches(self, threshold: Severity) -> bool:
        """Return whether this is at least as severe as *threshold*. An unknown severity may be the highest."""
        return self is Severity.UNKNOWN or self.rank >= threshold.rank


# Databases write either; GitHub's says "moderate".
_WORDS: Final = {
    "LOW": Severity.LOW,
    "MEDIUM": Severity.MEDIUM,
    "MODERATE": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
_SCALE: Final = (
    (9.0, Severity.CRITICAL),
    (_HIGH, Severity.HIGH),
    (4.0, Severity.MEDIUM),
    (0.0, Severity.LOW),
)


def rated(word: str, vectors: Iterable[tuple[str, str]]) -> tuple[Severity, float | None]:
    """Return the severity that *word* or, without a known word, *vectors* mean, and the highest base score.

    *word* is that of a database, *vectors* are pairs of a type and a score as in the field ``severity`` of a record.
    Types that are not known, and vectors that are not valid, count as absent.
    """
    scores = [(score, kind) for kind, vector in vectors if (score := base_score(kind, vector)) is not None]
    highest = max(scores, default=(None, ""))
    known = _WORDS.get(word.strip().upper())
    if known is not None:
        return known, highest[0]
    return _of_score(*highest), highest[0]


def _of_score(score: float | None, kind: str) -> Severity:
    if score is None:
        return Severity.UNKNOWN
    # Version 2 of CVSS has no critical.
    if kind == _V2 and score >= _HIGH:
        return Severity.HIGH
    return next(severity for least, severity in _SCALE if score >= least)
