"""A report with a finding of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from layerwright.build.audit.finding import Finding
from layerwright.build.audit.judged import Judged
from layerwright.build.audit.reports.report import Report
from layerwright.build.audit.severity import Severity
from layerwright.build.audit.subject import Subject
from layerwright.config.policy.exemption import Exemption
from layerwright.config.policy.policy import Rank

__all__ = ["ACCEPTED", "DJANGO", "EXPIRED", "TODAY", "report"]

TODAY = date(2026, 11, 30)
DJANGO = Subject(name="django", version="3.2", places=("venv", "a in venv"))
SIX = Subject(name="six", version="1.16.0")
MALWARE = Finding(id="MAL-1", subject=SIX, severity=Severity.UNKNOWN, malware=True)
CRITICAL = Finding(
    id="GHSA-1",
    aliases=("CVE-1",),
    subject=DJANGO,
    severity=Severity.CRITICAL,
    score=9.8,
    fixed="3.2.25",
    summary="SQL injection",
    url="https://example.com/GHSA-1",
)
UNKNOWN = Finding(id="PYSEC-2", subject=DJANGO, severity=Severity.UNKNOWN)
LOW = Finding(id="GHSA-3", subject=DJANGO, severity=Severity.LOW, summary="Slow.")
MEDIUM = Finding(
    id="GHSA-4",
    aliases=("CVE-4",),
    subject=SIX,
    severity=Severity.MEDIUM,
    score=5.3,
    summary="Odd",
    fixed="1.17",
    url="https://example.com/GHSA-4",
)
ACCEPTED = Exemption(
    distribution="six",
    rule="vulnerabilities",
    id="CVE-4",
    reason="not reachable",
    expires=date(2027, 1, 31),
    origin="pyproject.toml: policy",
    rank=Rank.APPLICATION,
)
EXPIRED = replace(ACCEPTED, id="PYSEC-2", reason="waiting", expires=date(2026, 11, 1), origin="the platform")


def report(*findings: Judged, **more: Any) -> Report:
    """Return a report with *findings*, by default one of each kind."""
    every = (
        Judged(finding=MALWARE),
        Judged(finding=CRITICAL),
        Judged(finding=UNKNOWN, expired=EXPIRED),
        Judged(finding=LOW),
        Judged(finding=MEDIUM, accepted=ACCEPTED),
    )
    fields: dict[str, Any] = {
        "name": "shop",
        "version": "2.0",
        "subjects": (DJANGO, SIX),
        "findings": findings or every,
        "undecided": (("GHSA-9", SIX),),
        "threshold": Severity.HIGH,
        "database": "/srv/all.zip, 3 records",
        "digest": "abc",
        "modified": "2026-11-27T10:00:00Z",
        "file": "pyproject.toml",
    }
    return Report(**fields | more)
