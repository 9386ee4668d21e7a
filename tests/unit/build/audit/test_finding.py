"""Findings: one for each vulnerability, whatever databases call it."""

from __future__ import annotations

from typing import Any

from layerwright.build.audit.advisory import read_advisory
from layerwright.build.audit.finding import Audit, audit
from layerwright.build.audit.severity import Severity
from layerwright.build.audit.subject import Subject
from tests.unit.build.audit.samples import advisory, package

DJANGO = Subject(name="django", version="3.2", places=("venv",))
SIX = Subject(name="six", version="1.16.0")


def found(*documents: dict[str, Any], subjects: tuple[Subject, ...] = (DJANGO, SIX)) -> Audit:
    return audit(subjects, map(read_advisory, documents))


def test_what_no_record_names_has_no_finding() -> None:
    assert found(advisory("A-1", package("flask", {"introduced": "0"}))) == Audit()
    assert found(advisory("A-1", package("django", {"introduced": "4"}))) == Audit()


def test_records_that_are_aliases_make_one_finding() -> None:
    [one] = found(
        advisory("CVE-1", package("django", {"introduced": "0"}), summary="", details=""),
        advisory(
            "PYSEC-1",
            package("Django", {"introduced": "0"}, {"fixed": "3.2.4"}),
            aliases=["CVE-1"],
        ),
        advisory(
            "GHSA-1",
            package("Django", {"introduced": "3"}, {"fixed": "3.2.12"}),
            aliases=["CVE-1"],
            database_specific={"severity": "MODERATE"},
            references=[{"type": "WEB", "url": "https://example.com/GHSA-1"}],
        ),
    ).findings
    assert (one.id, one.aliases) == ("GHSA-1", ("CVE-1", "PYSEC-1"))
    assert (one.severity, one.fixed, one.url) == (Severity.MEDIUM, "3.2.12", "https://example.com/GHSA-1")
    assert one.summary == "The summary of GHSA-1"
    assert one.subject is DJANGO
    assert one.names == ("GHSA-1", "CVE-1", "PYSEC-1")


def test_a_record_that_joins_two_others_makes_one_finding_of_all() -> None:
    [one] = found(
        advisory("GHSA-1", package("django", {"introduced": "0"})),
        advisory("GHSA-2", package("django", {"introduced": "0"})),
        advisory("PYSEC-3", package("django", {"introduced": "0"}), aliases=["GHSA-1", "GHSA-2"]),
    ).findings
    assert one.names == ("GHSA-1", "GHSA-2", "PYSEC-3")


def test_the_worst_comes_first_and_malware_before_everything() -> None:
    documents = [
        advisory("L-1", package("django", {"introduced": "0"}), database_specific={"severity": "LOW"}),
        advisory("C-1", package("django", {"introduced": "0"}), database_specific={"severity": "CRITICAL"}),
        advisory("U-1", package("django", {"introduced": "0"})),
        advisory("MAL-1", package("six", versions=["1.16.0"])),
        advisory("H-1", package("six", {"introduced": "0"}), database_specific={"severity": "HIGH"}),
    ]
    assert [one.id for one in found(*documents).findings] == ["MAL-1", "C-1", "H-1", "U-1", "L-1"]


def test_a_withdrawn_record_is_none() -> None:
    assert (
        found(advisory("A-1", package("django", {"introduced": "0"}), withdrawn="2026-11-01T00:00:00Z"))
        == Audit()
    )


def test_a_record_of_malware_without_versions_is_about_every_version() -> None:
    [one] = found(advisory("MAL-1", package("six"))).findings
    assert (one.id, one.malware) == ("MAL-1", True)


def test_another_record_without_versions_is_named_apart() -> None:
    result = found(advisory("A-1", package("six"), package("six")))
    assert (result.findings, result.undecided) == ((), (("A-1", SIX),))


def test_a_record_without_versions_is_not_named_apart_if_its_alias_decides() -> None:
    result = found(
        advisory("GHSA-1", package("six")),
        advisory("PYSEC-1", package("six", {"introduced": "0"}), aliases=["GHSA-1"]),
    )
    assert [one.id for one in result.findings] == ["PYSEC-1"]
    assert result.undecided == ()


def test_the_highest_score_of_record_and_distribution_is_shown() -> None:
    low = [{"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}]
    high = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]
    [one] = found(advisory("A-1", package("six", {"introduced": "0"}, severity=high), severity=low)).findings
    assert (one.severity, one.score) == (Severity.CRITICAL, 9.8)
