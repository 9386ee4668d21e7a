"""Which findings exceptions accept, until when, and whose."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.audit.finding import Finding
from layerwright.build.audit.judged import Judged
from layerwright.build.audit.severity import Severity
from layerwright.build.audit.subject import Subject
from layerwright.cli.trust._accepting import accepting
from layerwright.config.policy.policy import Rank
from tests.unit.build.policy.samples import TODAY, exemption, policy, ruling

if TYPE_CHECKING:
    from layerwright.config.policy.exemption import Exemption

FINDING = Finding(
    id="GHSA-1", aliases=("CVE-1",), subject=Subject(name="acme", version="3.2"), severity=Severity.MEDIUM
)
MALWARE = Finding(
    id="MAL-1", subject=Subject(name="six", version="1"), severity=Severity.UNKNOWN, malware=True
)


def accepted(**more: Any) -> Exemption:
    return exemption("vulnerabilities", **more)


def judged(*exemptions: Exemption, **rulings: Rank) -> tuple[Judged, ...]:
    given = [ruling("vulnerabilities", {"deny": name}, rank) for name, rank in rulings.items()]
    return accepting([FINDING, MALWARE], policy(*given, exemptions=exemptions), TODAY)


@pytest.mark.parametrize("identity", ["GHSA-1", "CVE-1", ""])
def test_an_exception_accepts_what_it_names_by_any_identifier(identity: str) -> None:
    why = accepted(id=identity)
    assert judged(why) == (Judged(finding=FINDING, accepted=why), Judged(finding=MALWARE))


@pytest.mark.parametrize(
    "other",
    [
        accepted(distribution="flask"),
        accepted(version="3.1"),
        accepted(id="CVE-2"),
        exemption("hashes"),
    ],
)
def test_an_exception_for_something_else_accepts_nothing(other: Exemption) -> None:
    assert judged(other) == (Judged(finding=FINDING), Judged(finding=MALWARE))


def test_an_exception_counts_on_its_last_day_and_is_named_when_it_has_expired() -> None:
    last, over = accepted(expires=TODAY), accepted(expires=date(2026, 11, 29))
    assert judged(last)[0] == Judged(finding=FINDING, accepted=last)
    assert judged(over)[0] == Judged(finding=FINDING, expired=over)
    assert judged(over, last)[0] == Judged(finding=FINDING, accepted=last)


def test_an_exception_has_no_effect_against_what_a_stronger_source_refuses() -> None:
    why = accepted()
    assert judged(why, medium=Rank.PLATFORM)[0] == Judged(finding=FINDING)
    assert judged(why, high=Rank.PLATFORM)[0] == Judged(finding=FINDING, accepted=why)
    assert judged(why, medium=Rank.APPLICATION)[0] == Judged(finding=FINDING, accepted=why)


@pytest.mark.parametrize(
    ("one", "threshold", "fails"),
    [
        (Judged(finding=FINDING), Severity.MEDIUM, True),
        (Judged(finding=FINDING), Severity.HIGH, False),
        (Judged(finding=FINDING, accepted=accepted()), Severity.LOW, False),
        (Judged(finding=FINDING, expired=accepted()), Severity.LOW, True),
        (Judged(finding=MALWARE), Severity.CRITICAL, True),
        (Judged(finding=MALWARE, accepted=accepted()), Severity.CRITICAL, False),
    ],
)
def test_a_finding_counts_from_the_threshold_and_malware_always(
    one: Judged, threshold: Severity, fails: bool
) -> None:
    assert one.fails(threshold) is fails
