"""What is accepted, as VEX in CycloneDX 1.6: https://cyclonedx.org/capabilities/vex/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom.component import pypi_purl
from layerwright.build.bom.identity import CREATED, identifier
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from layerwright.build.audit.judged import Judged
    from layerwright.build.audit.reports.report import Report
    from layerwright.config.policy.policy import Exemption

__all__ = ["MARK", "vex"]

MARK: Final = "layerwright:vex"
"""What such a document has in its beginning, and a bill of materials has not."""


def vex(report: Report) -> dict[str, Any]:
    """Return the accepted findings of *report* as JSON values. Equal ones have the same serial number."""
    accepted = [(one, one.accepted) for one in report.findings if one.accepted]
    purls = {pypi_purl(one.finding.subject.name, one.finding.subject.version): one for one, _ in accepted}
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "timestamp": CREATED,
            "properties": [{"name": MARK, "value": "true"}],
            "tools": {
                "components": [
                    {
                        "type": "application",
                        "name": "layerwright",
                        "version": __version__,
                        "bom-ref": "layerwright",
                    }
                ]
            },
            "component": _application(report),
        },
        "components": [
            {
                "type": "library",
                "bom-ref": purl,
                "name": one.finding.subject.name,
                "version": one.finding.subject.version,
                "purl": purl,
            }
            for purl, one in purls.items()
        ],
        "vulnerabilities": [_vulnerability(one, why) for one, why in accepted],
    }
    document["serialNumber"] = f"urn:uuid:{identifier(document)}"
    return document


def _application(report: Report) -> dict[str, Any]:
    table = {"type": "application", "bom-ref": "root", "name": report.name, "version": report.version}
    return {key: value for key, value in table.items() if value}


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
