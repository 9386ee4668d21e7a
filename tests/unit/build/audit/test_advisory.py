"""Records of the Open Source Vulnerability format."""

from __future__ import annotations

from typing import Any

import pytest

from layerwright.build.audit.advisory import RecordError, compact, read_advisory
from layerwright.build.audit.severity import Severity
from tests.unit.build.audit.samples import advisory, package


def test_a_record_is_read_with_everything_that_a_report_shows() -> None:
    found = read_advisory(
        advisory(
            "GHSA-1",
            package("Flask_Login", {"introduced": "0"}, {"fixed": "1.2"}, versions=["1.0", "1.1"]),
            aliases=["CVE-1"],
            severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            database_specific={"severity": "HIGH"},
            references=[
                {"type": "WEB", "url": "https://example.com/blog"},
                {"type": "ADVISORY", "url": "https://example.com/CVE-1"},
            ],
        )
    )
    assert (found.id, found.aliases, found.modified) == ("GHSA-1", ("CVE-1",), "2026-11-20T10:00:00Z")
    assert (found.severity, found.score) == (Severity.HIGH, 9.8)
    assert (found.summary, found.url) == ("The summary of GHSA-1", "https://example.com/CVE-1")
    assert not found.withdrawn
    assert not found.is_malware
    [one] = found.affected
    assert (one.name, one.versions) == ("flask-login", ("1.0", "1.1"))
    assert one.ranges == ((("introduced", "0"), ("fixed", "1.2")),)


def test_the_severity_of_one_distribution_is_read_too() -> None:
    found = read_advisory(advisory("A-1", package("a", database_specific={"severity": "LOW"}), package("b")))
    assert [one.severity for one in found.affected] == [Severity.LOW, Severity.UNKNOWN]


def test_the_page_of_the_record_itself_comes_before_those_of_others() -> None:
    links = [
        {"type": "ADVISORY", "url": "https://example.com/CVE-1"},
        {"type": "WEB", "url": "https://example.com/vulnerability/A-1/"},
    ]
    assert read_advisory(advisory("A-1", references=links)).url == "https://example.com/vulnerability/A-1/"


@pytest.mark.parametrize(
    "references", [None, [], [{"type": "WEB", "url": "javascript:alert(1)"}], [{"type": "FIX"}]]
)
def test_a_record_without_a_link_of_the_web_has_none(references: Any) -> None:
    assert read_advisory(advisory("A-1", references=references)).url == ""


def test_a_link_of_another_type_is_better_than_none() -> None:
    links = [{"type": "FIX", "url": "https://example.com/fix"}]
    assert read_advisory(advisory("A-1", references=links)).url == "https://example.com/fix"


def test_a_record_without_a_summary_has_the_first_line_of_its_details() -> None:
    assert read_advisory(advisory("A-1", summary="", details="\nOne\tline\nmore")).summary == "One line"


def test_malware_and_withdrawn_records_are_recognised() -> None:
    assert read_advisory(advisory("MAL-2026-1")).is_malware
    assert read_advisory(advisory("A-1", withdrawn="2026-11-30T00:00:00Z")).withdrawn


@pytest.mark.parametrize(
    "affected",
    [
        package("left-pad", {"introduced": "0"}, ecosystem="npm"),
        package("a", {"introduced": "0"}, ecosystem="PyPI:https://index.example.com/simple"),
        {"package": {"ecosystem": "PyPI"}},
        {"package": None},
        {"ranges": [{"type": "GIT", "repo": "https://example.com/x", "events": [{"introduced": "0"}]}]},
        "text",
    ],
)
def test_entries_about_something_else_than_distributions_of_python_are_left_out(affected: Any) -> None:
    assert read_advisory(advisory("A-1") | {"affected": [affected]}).affected == ()


def test_ranges_of_commits_are_left_out() -> None:
    [one] = read_advisory(advisory("A-1", package("a", {"introduced": "0"}, kind="GIT"))).affected
    assert one.ranges == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {
            "aliases": "CVE-1",
            "severity": {"type": "CVSS_V3"},
            "affected": 3,
            "references": "x",
            "modified": 1,
        },
        {"aliases": [1, None], "severity": ["x"], "summary": None, "details": [], "database_specific": []},
    ],
)
def test_fields_of_wrong_types_count_as_absent(wrong: dict[str, Any]) -> None:
    found = read_advisory(advisory("A-1") | wrong)
    assert (found.id, found.aliases, found.severity) == ("A-1", (), Severity.UNKNOWN)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"id": ""}, {"id": 3}])
def test_what_has_no_identifier_is_no_record(document: Any) -> None:
    with pytest.raises(RecordError):
        read_advisory(document)


def test_a_compact_record_reads_as_the_whole_one() -> None:
    whole = advisory(
        "GHSA-1",
        package(
            "Flask",
            {"introduced": "0"},
            {"fixed": "2"},
            versions=["1.0"],
            database_specific={"severity": "LOW"},
        ),
        package("flask", {"introduced": "0"}, kind="GIT"),
        package("left-pad", ecosystem="npm"),
        aliases=["CVE-1"],
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"}],
        references=[{"type": "WEB", "url": "https://example.com/x"}],
        details="long" * 1000,
    )
    assert read_advisory(compact(whole)) == read_advisory(whole)
    assert len(str(compact(whole))) < 1000
