"""What is accepted: findings that an exception names, with a reason, until it expires."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from layerwright.build.audit.finding import Finding
    from layerwright.build.audit.severity import Severity

__all__ = ["Acceptance", "Judged", "judged"]


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """An exception: the finding *id*, in *distribution* or in any, does not count until the end of *expires*."""

    id: str
    distribution: str = ""
    """Normalised; empty: any."""

    reason: str
    expires: date | None = None
    origin: str = ""
    """Where it is written, for people."""

    def covers(self, finding: Finding) -> bool:
        """Return whether it names *finding*, by any of its identifiers."""
        return self.id in finding.names and self.distribution in ("", finding.subject.name)

    def has_expired(self, today: date) -> bool:
        """Return whether it does not count any more on the day *today*."""
        return self.expires is not None and self.expires < today


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A finding, the exception that accepts it, if there is one, and one that did until it expired."""

    finding: Finding
    accepted: Acceptance | None = None
    expired: Acceptance | None = None

    def fails(self, threshold: Severity) -> bool:
        """Return whether it is not accepted, and at least as severe as *threshold*; malware always is."""
        found = self.finding
        return self.accepted is None and (found.malware or found.severity.reaches(threshold))


def judged(findings: Iterable[Finding], acceptances: Iterable[Acceptance], today: date) -> tuple[Judged, ...]:
    """Return *findings* with the exceptions among *acceptances* that name them."""
    known = tuple(acceptances)
    found = []
    for finding in findings:
        named = [one for one in known if one.covers(finding)]
        expired = [one for one in named if one.has_expired(today)]
        valid = [one for one in named if one not in expired]
        found.append(
            Judged(
                finding=finding,
                accepted=valid[0] if valid else None,
                expired=expired[0] if expired and not valid else None,
            )
        )
    return tuple(found)
