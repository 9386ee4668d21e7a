"""An audit as JSON of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerwright.build.audit.judged import Judged
    from layerwright.build.audit.reports.report import Report
    from layerwright.config.policy.exemption import Exemption

__all__ = ["plain"]


def plain(report: Report) -> dict[str, Any]:
    """Return *report* as JSON values. New releases may add keys, but never remove any."""
    return {
        "fail-on": report.threshold.value,
        "application": {"name": report.name, "version": report.version},
        "database": {"name": report.database, "digest": report.digest, "modified": report.modified or None},
        "distributions": len(report.subjects),
        "findings": [_finding(one, report) for one in report.findings],
        "undecided": [
            {"id": identity, "distribution": subject.name, "version": subject.version}
            for identity, subject in report.undecided
        ],
    }


def _finding(one: Judged, report: Report) -> dict[str, Any]:
    found = one.finding
    return {
        "id": found.id,
        "aliases": list(found.aliases),
        "distribution": found.subject.name,
        "version": found.subject.version,
        "places": list(found.subject.places),
        "malware": found.malware,
        "severity": found.severity.value,
        "score": found.score,
        "fixed-in": found.fixed or None,
        "summary": found.summary,
        "url": found.url,
        "fails": one.fails(report.threshold),
        "accepted": _exemption(one.accepted),
        "expired": _exemption(one.expired),
    }


def _exemption(one: Exemption | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"reason": one.reason, "expires": one.expires.isoformat(), "origin": one.origin}
