"""The text of an audit, as its reader sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layerwright.build.audit.judged import Judged
from layerwright.build.audit.reports.text import days_old, text
from layerwright.build.audit.severity import Severity
from tests.unit.build.audit.reports.samples import LOW, TODAY, report

WHOLE = """\
Audit of shop 2.0: 2 distributions
  Database: /srv/all.zip, 3 records, the newest 3 days old

Findings
  malware  six 1.16.0
    MAL-1
  critical 9.8  django 3.2 → 3.2.25 (venv; a in venv)
    GHSA-1 (CVE-1)
    SQL injection
    https://example.com/GHSA-1
  severity unknown  django 3.2 (venv; a in venv)
    PYSEC-2
    The exception expired on 2026-11-01: waiting [the platform]

Findings below high
  low  django 3.2 (venv; a in venv)
    GHSA-3
    Slow.

Accepted
  medium 5.3  six 1.16.0: GHSA-4 (CVE-4)
    Accepted until 2027-01-31: not reachable [pyproject.toml: policy]

Records without versions, which decide nothing
  GHSA-9: six 1.16.0

3 findings: 1 malware, 1 critical, 1 of unknown severity (1 below high, 1 accepted).
"""


def test_there_is_a_block_for_each_finding_and_the_result_comes_last() -> None:
    assert text(report(), TODAY) == WHOLE


def test_without_a_finding_it_says_so() -> None:
    empty = replace(report(), findings=(), undecided=(), subjects=(), version="", modified="")
    assert text(empty, TODAY) == (
        "Audit of shop: 0 distributions\n  Database: /srv/all.zip, 3 records\n\nNo finding.\n"
    )


def test_what_does_not_count_is_counted_apart() -> None:
    low = report(Judged(finding=LOW))
    assert text(low, TODAY).endswith("No finding (1 below high).\n")
    assert text(replace(low, threshold=Severity.LOW), TODAY).endswith("\n1 finding: 1 low.\n")


@pytest.mark.parametrize(
    ("modified", "days"),
    [
        ("2026-11-30T23:00:00Z", 0),
        ("2026-11-29T00:00:00.123Z", 1),
        ("2026-12-24T00:00:00Z", 0),
        ("", None),
        ("x", None),
    ],
)
def test_the_age_is_in_days_and_never_in_the_future(modified: str, days: int | None) -> None:
    assert days_old(modified, TODAY) == days


def test_a_database_of_today_is_called_so() -> None:
    assert ", the newest of today\n" in text(replace(report(), modified="2026-11-30T01:00:00Z"), TODAY)
    assert ", the newest 1 day old\n" in text(replace(report(), modified="2026-11-29T01:00:00Z"), TODAY)
