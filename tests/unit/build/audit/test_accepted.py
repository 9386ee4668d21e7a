"""Exceptions: what they cover, and until when."""

from __future__ import annotations

from datetime import date

import pytest

from layerwright.build.audit.accepted import Acceptance, Judged, judged
from layerwright.build.audit.finding import Finding
from layerwright.build.audit.severity import Severity
from layerwright.build.audit.subject import Subject

TODAY = date(2026, 11, 30)
FINDING = Finding(
    id="GHSA-1", aliases=("CVE-1",), subject=Subject(name="django", version="3.2"), severity=Severity.MEDIUM
)
MALWARE = Finding(
    id="MAL-1", subject=Subject(name="six", version="1"), severity=Severity.UNKNOWN, malware=True
)


def accepted(**fields: object) -> Acceptance:
    return Acceptance(**{"id": "GHSA-1", "reason": "not used", **fields})  # type: ignore[arg-type]


def test_an_exception_accepts_what_it_names_by_any_identifier() -> None:
    for identity in ("GHSA-1", "CVE-1"):
        why = accepted(id=identity)
        assert judged([FINDING, MALWARE], [why], TODAY) == (
            Judged(finding=FINDING, accepted=why),
            Judged(finding=MALWARE),
        )


def test_an_exception_for_another_distribution_accepts_nothing() -> None:
    assert judged([FINDING], [accepted(distribution="flask")], TODAY) == (Judged(finding=FINDING),)
    why = accepted(distribution="django")
    assert judged([FINDING], [why], TODAY) == (Judged(finding=FINDING, accepted=why),)


def test_an_exception_counts_on_its_last_day_and_is_named_when_it_has_expired() -> None:
    last, over = accepted(expires=TODAY), accepted(expires=date(2026, 11, 29))
    assert judged([FINDING], [last], TODAY) == (Judged(finding=FINDING, accepted=last),)
    assert judged([FINDING], [over], TODAY) == (Judged(finding=FINDING, expired=over),)
    assert judged([FINDING], [over, last], TODAY) == (Judged(finding=FINDING, accepted=last),)


@pytest.mark.parametrize(
    ("one", "threshold", "fails"),
    [
        (Judged(finding=FINDING), Severity.MEDIUM, True),
        (Judged(finding=FINDING), Severity.HIGH, False),
        (Judged(finding=FINDING, accepted=accepted()), Severity.LOW, False),
        (Judged(finding=FINDING, expired=accepted()), Severity.LOW, True),
        (Judged(finding=MALWARE), Severity.CRITICAL, True),
        (Judged(finding=MALWARE, accepted=accepted(id="MAL-1")), Severity.CRITICAL, False),
    ],
)
def test_a_finding_counts_from_the_threshold_and_malware_always(
    one: Judged, threshold: Severity, fails: bool
) -> None:
    assert one.fails(threshold) is fails
