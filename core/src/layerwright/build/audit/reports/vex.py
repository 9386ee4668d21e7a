"""What is accepted, as VEX in CycloneDX 1.6: https://cyclonedx.org/capabilities/vex/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom.component import Component, pypi_purl
from layerwright.build.bom.cyclonedx import as_json, framed

if TYPE_CHECKING:
    from layerwright.build.audit.judged import Judged
    from layerwright.build.audit.reports.report import Report
    from layerwright.config.policy.exemption import Exemption

__all__ = ["MARK", "vex"]

MARK: Final = "layerwright:vex"
"""What such a document has in its beginning, and a bill of materials has not."""


def vex(report: Report) -> dict[str, Any]:
    """Return the accepted findings of *report* as JSON values. Equal ones have the same serial number."""
    accepted = [(one, one.accepted) for one in report.findings if one.accepted]
    affected = dict.fromkeys((one.finding.subject.name, one.finding.subject.version) for one, _ in accepted)
    components = [
        Component(name=name, version=version, purl=pypi_purl(name, version)) for name, version in affected
    ]
    return framed(
        report.name,
        report.version,
        {"properties": [{"name": MARK, "value": "true"}]},
        {
            "components": [as_json(one.purl, one) for one in components],
            "vulnerabilities": [_vulnerability(one, why) for one, why in accepted],
        },
    )


def _vulnerability(one: Judged, accepted: Exemption) -> dict[str, Any]:
    found = one.finding
    purl = pypi_purl(found.subject.name, found.subject.version)
    rating: dict[str, Any] = {"severity": found.severity.value}
    if found.score is not None:
        rating["score"] = found.score
    table = {
        "bom-ref": f"{found.id}|{purl}",
        "id": found.id,
        "source": {"url": found.url} if found.url else None,
        "references": [{"id": name, "source": {"name": _source(name)}} for name in found.aliases],
        "ratings": [rating],
        "description": found.summary,
        "recommendation": f"Version {found.fixed} has the fix." if found.fixed else "",
        # An exception says that the risk is accepted for a while; whether the code can be reached, it does not say.
        "analysis": {
            "state": "in_triage",
            "detail": f"{accepted.reason} (until {accepted.expires.isoformat()})",
        },
        "affects": [{"ref": purl}],
    }
    return {key: value for key, value in table.items() if value}


def _source(name: str) -> str:
    return name.partition("-")[0]
