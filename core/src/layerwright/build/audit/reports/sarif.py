"""An audit as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.severity import Severity
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from layerwright.build.audit.finding import Finding
    from layerwright.build.audit.judged import Judged
    from layerwright.build.audit.reports.report import Report

__all__ = ["sarif"]

_PAGE: Final = "https://layerwright.example.com/audit.html"
_LEVELS: Final = {Severity.LOW: "note", Severity.MEDIUM: "warning"}
# Viewers sort by a score; these are the middles of each severity, for findings without one.
_SCORES: Final = {
    Severity.LOW: 2.0,
    Severity.MEDIUM: 5.5,
    Severity.HIGH: 8.0,
    Severity.CRITICAL: 9.5,
    Severity.UNKNOWN: 8.0,
}


def sarif(report: Report) -> dict[str, Any]:
    """Return *report* as JSON values. Accepted findings are in it as suppressed ones."""
    rules: dict[str, dict[str, Any]] = {}
    for one in report.findings:
        rules.setdefault(one.finding.id, _rule(one.finding))
    return {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "layerwright",
                        "version": __version__,
                        "informationUri": _PAGE,
                        "rules": list(rules.values()),
                    }
                },
                "results": [_result(one, list(rules), report) for one in report.findings],
            }
        ],
    }


def _rule(found: Finding) -> dict[str, Any]:
    score = 10.0 if found.malware else found.score or _SCORES[found.severity]
    return {
        "id": found.id,
        "shortDescription": {"text": found.summary or found.id},
        "helpUri": found.url or _PAGE,
        "properties": {
            "security-severity": f"{score:.1f}",
            "tags": ["security", "malware" if found.malware else "vulnerability", *found.aliases],
        },
    }


def _result(one: Judged, rules: list[str], report: Report) -> dict[str, Any]:
    found = one.finding
    release = f"{found.subject.name} {found.subject.version}"
    what = "is malicious" if found.malware else "is vulnerable"
    fix = f" Version {found.fixed} has the fix." if found.fixed else ""
    summary = f": {found.summary}" if found.summary else ""
    result: dict[str, Any] = {
        "ruleId": found.id,
        "ruleIndex": rules.index(found.id),
        "level": "error" if found.malware else _LEVELS.get(found.severity, "error"),
        "message": {"text": f"{release} {what}{summary}.{fix}".replace("..", ".")},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": report.file or "."}},
                "logicalLocations": [
                    {"name": release, "fullyQualifiedName": f"{place}: {release}", "kind": "module"}
                    for place in found.subject.places or ("application",)
                ],
            }
        ],
        "partialFingerprints": {"layerwright/v1": _fingerprint(found)},
    }
    if one.accepted:
        why = f"{one.accepted.reason} (until {one.accepted.expires.isoformat()})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _fingerprint(found: Finding) -> str:
    return sha256(f"{found.id}\n{found.subject.name}\n{found.subject.version}".encode()).hexdigest()
