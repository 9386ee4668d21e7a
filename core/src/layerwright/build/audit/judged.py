"""A finding with what the exceptions of a policy say about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.build.audit.finding import Finding
    from layerwright.build.audit.severity import Severity
    from layerwright.config.policy.exemption import Exemption

__all__ = ["Judged"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A finding, the exception that accepts it, if there is one, and one that did until it expired."""

    finding: Finding
    accepted: Exemption | None = None
    expired: Exemption | None = None

    def fails(self, threshold: Severity) -> bool:
        """Return whether it is not accepted, and at least as severe as *threshold*; malware always is."""
        found = self.finding
        return self.accepted is None and (found.malware or found.severity.reaches(threshold))
