"""What every document of an audit is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.build.audit.judged import Judged
    from layerwright.build.audit.severity import Severity
    from layerwright.build.audit.subject import Subject

__all__ = ["Report"]


@dataclass(frozen=True, kw_only=True)
class Report:
    """The result of an audit of the application *name*."""

    name: str
    version: str = ""
    subjects: tuple[Subject, ...]
    findings: tuple[Judged, ...]
    undecided: tuple[tuple[str, Subject], ...] = ()
    threshold: Severity
    database: str
    """The words of the database."""

    digest: str
    modified: str
    file: str = ""
    """The file of the application in which a viewer shows findings, relative to its directory."""

    @property
    def failing(self) -> tuple[Judged, ...]:
        """The findings that count."""
        return tuple(one for one in self.findings if one.fails(self.threshold))
