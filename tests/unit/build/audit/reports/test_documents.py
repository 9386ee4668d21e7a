"""The documents of an audit: JSON, SARIF and VEX."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema

from layerwright.build.audit.judged import Judged
from layerwright.build.audit.reports.plain import plain
from layerwright.build.audit.reports.sarif import sarif
from layerwright.build.audit.reports.vex import vex
from tests.unit.build.audit.reports.samples import ACCEPTED, CRITICAL, LOW, MALWARE, report

TEXT = {
    "type": "object",
    "required": ["text"],
    "additionalProperties": False,
    "properties": {"text": {"type": "string", "minLength": 1}},
}
# The parts of SARIF 2.1.0 that are written, with what the specification and viewers of code require of them:
# https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, sections 3.13 to 3.50.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "informationUri": {"type": "string", "pattern": "^https://"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {"$ref": "#/$defs/rule"},
                                    },
                                },
                            }
                        },
                    },
                    "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": TEXT,
                "helpUri": {"type": "string", "pattern": "^https?://"},
                "properties": {
                    "type": "object",
                    "required": ["security-severity", "tags"],
                    "properties": {
                        "security-severity": {"type": "string", "pattern": "^(10\\.0|[0-9]\\.[0-9])$"},
                        "tags": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
                    },
                },
            },
        },
        "result": {
            "type": "object",
            "required": ["message", "ruleId", "locations"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": TEXT,
                "locations": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["physicalLocation"],
                        "additionalProperties": False,
                        "properties": {
                            "physicalLocation": {
                                "type": "object",
                                "required": ["artifactLocation"],
                                "additionalProperties": False,
                                "properties": {
                                    "artifactLocation": {
                                        "type": "object",
                                        "required": ["uri"],
                                        "additionalProperties": False,
                                        "properties": {"uri": {"type": "string", "minLength": 1}},
                                    }
                                },
                            },
                            "logicalLocations": {
                                "type": "array",
                                "minItems": 1,
                                "uniqueItems": True,
                                "items": {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "properties": {
                                        name: {"type": "string"}
                                        for name in ("name", "fullyQualifiedName", "kind")
                                    },
                                },
                            },
                        },
                    },
                },
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "suppressions": {
                    "type": "array",
                    "uniqueItems": True,
                    "items": {
                        "type": "object",
                        "required": ["kind"],
                        "additionalProperties": False,
                        "properties": {
                            "kind": {"enum": ["inSource", "external"]},
                            "status": {"enum": ["accepted", "underReview", "rejected"]},
                            "justification": {"type": "string"},
                        },
                    },
                },
            },
        },
    },
}


def test_json_has_everything_that_the_text_says() -> None:
    found = plain(report())
    assert found["application"] == {"name": "shop", "version": "2.0"}
    assert found["database"] == {
        "name": "/srv/all.zip, 3 records",
        "digest": "abc",
        "modified": "2026-11-27T10:00:00Z",
    }
    assert (found["distributions"], found["fail-on"]) == (2, "high")
    assert found["undecided"] == [{"id": "GHSA-9", "distribution": "six", "version": "1.16.0"}]
    assert [(one["id"], one["fails"]) for one in found["findings"]] == [
        ("MAL-1", True),
        ("GHSA-1", True),
        ("PYSEC-2", True),
        ("GHSA-3", False),
        ("GHSA-4", False),
    ]
    assert found["findings"][1] == {
        "id": "GHSA-1",
        "aliases": ["CVE-1"],
        "distribution": "django",
        "version": "3.2",
        "places": ["venv", "a in venv"],
        "malware": False,
        "severity": "critical",
        "score": 9.8,
        "fixed-in": "3.2.25",
        "summary": "SQL injection",
        "url": "https://example.com/GHSA-1",
        "fails": True,
        "accepted": None,
        "expired": None,
    }
    assert found["findings"][2]["expired"] == {
        "reason": "waiting",
        "expires": "2026-11-01",
        "origin": "the platform",
    }
    assert found["findings"][4]["accepted"]["expires"] == "2027-01-31"
    json.dumps(found)


def test_sarif_has_the_form_of_its_specification() -> None:
    for one in (report(), replace(report(), findings=(), file="")):
        jsonschema.Draft202012Validator(SARIF).validate(sarif(one))


def test_sarif_has_a_rule_for_each_vulnerability_and_a_result_for_each_finding() -> None:
    twice = report(Judged(finding=CRITICAL), Judged(finding=replace(CRITICAL, subject=MALWARE.subject)))
    [run] = sarif(twice)["runs"]
    [rule] = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "9.8"
    assert rule["helpUri"] == "https://example.com/GHSA-1"
    assert [one["ruleIndex"] for one in run["results"]] == [0, 0]
    assert run["results"][0]["message"]["text"] == (
        "django 3.2 is vulnerable: SQL injection. Version 3.2.25 has the fix."
    )
    assert len({one["partialFingerprints"]["layerwright/v1"] for one in run["results"]}) == 2


def test_sarif_sorts_by_severity_and_suppresses_what_is_accepted() -> None:
    [run] = sarif(report())["runs"]
    rules = {one["id"]: one["properties"]["security-severity"] for one in run["tool"]["driver"]["rules"]}
    assert rules == {"MAL-1": "10.0", "GHSA-1": "9.8", "PYSEC-2": "8.0", "GHSA-3": "2.0", "GHSA-4": "5.3"}
    assert [one["level"] for one in run["results"]] == ["error", "error", "error", "note", "warning"]
    assert run["results"][0]["message"]["text"] == "six 1.16.0 is malicious."
    assert run["results"][3]["message"]["text"] == "django 3.2 is vulnerable: Slow."
    [suppression] = run["results"][4]["suppressions"]
    assert suppression["justification"] == "not reachable (until 2027-01-31)"
    assert not any("suppressions" in one for one in run["results"][:4])


def test_sarif_names_a_file_of_the_application_or_its_directory() -> None:
    def files(**more: str) -> set[str]:
        [run] = sarif(report(**more))["runs"]
        return {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]}

    assert files() == {"pyproject.toml"}
    assert files(file="") == {"."}


def test_vex_has_what_is_accepted_and_nothing_else() -> None:
    found = vex(report())
    assert [(one["name"], one["version"]) for one in found["components"]] == [("six", "1.16.0")]
    [one] = found["vulnerabilities"]
    assert one == {
        "bom-ref": "GHSA-4|pkg:pypi/six@1.16.0",
        "id": "GHSA-4",
        "source": {"url": "https://example.com/GHSA-4"},
        "references": [{"id": "CVE-4", "source": {"name": "CVE"}}],
        "ratings": [{"severity": "medium", "score": 5.3}],
        "description": "Odd",
        "recommendation": "Version 1.17 has the fix.",
        "analysis": {"state": "in_triage", "detail": "not reachable (until 2027-01-31)"},
        "affects": [{"ref": "pkg:pypi/six@1.16.0"}],
    }


def test_vex_is_valid_cyclonedx() -> None:
    # Its import takes half a second.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    plainly, malware = Judged(finding=LOW, accepted=ACCEPTED), Judged(finding=MALWARE, accepted=ACCEPTED)
    for one in (report(), report(plainly, malware, version=""), replace(report(), findings=())):
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(vex(one))) is None


def test_equal_acceptances_are_equal_documents() -> None:
    assert vex(report()) == vex(report())
    assert vex(report())["serialNumber"] != vex(report(version="3.0"))["serialNumber"]
