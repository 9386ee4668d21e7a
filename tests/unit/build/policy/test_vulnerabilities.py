"""The rule about vulnerabilities and malware, before an installation and after it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.audit.advisory import read_advisory
from layerwright.build.audit.databases import Databases
from layerwright.build.policy.candidate import NO_DISTRIBUTION, Origin
from layerwright.build.policy.judging import judge
from layerwright.build.policy.refusal import refusal
from layerwright.build.policy.rules.vulnerabilities import VULNERABILITIES
from layerwright.build.policy.state import held, state_of
from layerwright.config.policy.policy import Rank
from layerwright.errors import UserError
from layerwright.output.log import Log
from tests.fixtures.osv import Mirror, archive_of
from tests.unit.build.audit.samples import advisory, package, write_records
from tests.unit.build.policy.samples import TODAY, candidate, exemption, facts, policy, ruling
from tests.unit.build.policy.test_gate import Place, entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from layerwright.build.audit.advisory import Advisory
    from layerwright.build.audit.sources.database import Database
    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.judging import Verdict
    from layerwright.build.policy.rule import Violation
    from layerwright.config.policy.exemption import Exemption

HIGH = advisory(
    "GHSA-1",
    package("acme", {"introduced": "0"}, {"fixed": "1.1"}),
    aliases=["CVE-1"],
    summary="It leaks.",
    database_specific={"severity": "HIGH"},
)
LOW = advisory("GHSA-2", package("acme", {"introduced": "0"}), database_specific={"severity": "LOW"})
UNKNOWN = advisory("PYSEC-3", package("acme", {"introduced": "0"}))
MALWARE = advisory("MAL-4", package("acme", versions=["1.0"]), summary="", details="")
ALL = (HIGH, LOW, UNKNOWN, MALWARE)


class Records:
    """A database of *documents*, with what it was asked."""

    words = "the database"
    modified = ""

    digest = "monday"

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = documents
        self.asked: list[tuple[str, str]] = []

    def about(self, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
        self.asked += distributions
        return [read_advisory(one) for one in self.documents]

    def open(self, name: str) -> Database:
        assert name == "osv.zip"
        return self


def value(**more: str) -> dict[str, str]:
    return {"database": "osv.zip", **more}


def violations(
    given: dict[str, str], *candidates: Candidate, records: Records | None = None
) -> list[Violation]:
    known = facts(database=(records or Records(*ALL)).open)
    return list(VULNERABILITIES.check(ruling("vulnerabilities", given), candidates or [candidate()], known))


def verdict(*exemptions: Exemption, rank: Rank = Rank.APPLICATION, **given: str) -> Verdict:
    whole = policy(ruling("vulnerabilities", value(**given), rank), exemptions=exemptions)
    return judge(whole, whole.rulings, [candidate()], facts(database=Records(*ALL).open))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"deny": "high", "malware": "deny"}, ["MAL-4", "GHSA-1", "PYSEC-3"]),
        ({"deny": "low"}, ["GHSA-1", "PYSEC-3", "GHSA-2"]),
        ({"deny": "critical", "malware": "allow"}, ["PYSEC-3"]),
        ({"malware": "deny"}, ["MAL-4"]),
        ({}, []),
    ],
)
def test_the_severity_decides_and_malware_by_a_setting_of_its_own(
    given: dict[str, str], found: list[str]
) -> None:
    assert [one.names[0] for one in violations(value(**given))] == found


def test_a_violation_says_what_is_known_and_what_has_the_fix() -> None:
    found = violations(value(deny="low", malware="deny"))
    assert [one.because for one in found] == [
        "MAL-4, malicious",
        "GHSA-1 (CVE-1), severity high, It leaks; version 1.1 has the fix",
        "PYSEC-3, severity unknown, The summary of PYSEC-3",
        "GHSA-2, severity low, The summary of GHSA-2",
    ]


def test_malware_can_be_a_warning() -> None:
    assert [(one.names[0], one.is_warning) for one in violations(value(malware="warn", deny="high"))] == [
        ("MAL-4", True),
        ("GHSA-1", False),
        ("PYSEC-3", False),
    ]


def test_the_database_is_asked_for_what_comes_from_elsewhere() -> None:
    records = Records(*ALL)
    others = [
        candidate("own", origin=Origin.DIRECTORY),
        candidate(NO_DISTRIBUTION, version=""),
        candidate("file", origin=Origin.FILE),
        candidate("url", origin=Origin.URL),
    ]
    assert violations(value(deny="low"), *others, records=records) == []
    assert records.asked == [("file", "1.0"), ("url", "1.0")]


def test_an_exception_can_be_for_one_vulnerability() -> None:
    found = verdict(exemption("vulnerabilities", id="CVE-1"), deny="high", malware="deny")
    assert [one.violation.names[0] for one in found.refused] == ["MAL-4", "PYSEC-3"]
    assert [one.violation.names[0] for one, _ in found.excepted] == ["GHSA-1"]


def test_an_exception_without_an_identifier_is_for_all_of_a_distribution() -> None:
    assert len(verdict(exemption("vulnerabilities"), deny="low", malware="deny").excepted) == 4
    assert not verdict(exemption("hashes", id="CVE-1"), deny="low").excepted


def test_an_exception_of_a_weaker_source_has_no_effect() -> None:
    found = verdict(exemption("vulnerabilities"), deny="high", rank=Rank.PLATFORM)
    assert [one.weaker is not None for one in found.refused] == [True, True]


def test_the_error_has_every_vulnerability_with_the_exception_for_it() -> None:
    error = refusal(verdict(deny="high", malware="deny").refused, TODAY)
    assert error.summary == "The policy refuses a distribution."
    assert error.cause.splitlines()[:3] == [
        "acme 1.0: MAL-4, malicious",
        "  rule: vulnerabilities = {database = osv.zip, deny = high, malware = deny}, from application:"
        " policy.vulnerabilities",
        '  exception: { distribution = "acme", version = "1.0", rule = "vulnerabilities", id = "MAL-4", reason = "…",'
        ' expires = "2026-12-30" }',
    ]
    assert 'id = "GHSA-1"' in error.cause


def test_the_state_changes_with_the_records() -> None:
    given = policy(ruling("vulnerabilities", value(deny="high")))
    digests = {"osv.zip": "monday"}
    before = state_of(given, TODAY, digests.__getitem__)
    assert state_of(given, TODAY, digests.__getitem__) == before
    digests["osv.zip"] = "tuesday"
    assert state_of(given, TODAY, digests.__getitem__) != before


def test_malware_in_a_lock_file_is_refused_before_it_is_installed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    gate = place.gate(
        ruling("vulnerabilities", value(malware="deny")), lock=[entry()], database=Records(MALWARE).open
    )
    with pytest.raises(UserError) as caught:
        gate.check_planned(None)
    assert "acme 1.0: MAL-4, malicious" in caught.value.cause
    assert list(place.site_packages.iterdir()) == []


def test_an_explanation_opens_no_database(tmp_path: Path) -> None:
    gate = Place(tmp_path).gate(ruling("vulnerabilities", value(malware="deny")), lock=[entry()])
    assert not any(gate.foresee())


def test_what_is_installed_is_judged_by_new_records(tmp_path: Path) -> None:
    place = Place(tmp_path)
    given = ruling("vulnerabilities", value(malware="deny"))
    place.install("acme")
    place.gate(given, database=Records(LOW).open).check_installed()
    after = place.gate(given, database=Records(LOW, MALWARE).open)
    with pytest.raises(UserError, match="The policy refuses a distribution"):
        after.check_installed()


def test_a_database_is_opened_once_and_a_relative_path_is_that_of_the_application(tmp_path: Path) -> None:
    said = io.StringIO()
    write_records(tmp_path / "app" / "osv", HIGH)
    databases = Databases(tmp_path / "app", tmp_path / "cache", Log(said))
    found = databases.named("osv")
    assert databases.named("osv") is found
    assert found.words == f"{tmp_path}/app/osv, 1 record"
    assert said.getvalue() == f"  Reading the vulnerability database {tmp_path}/app/osv\n"
    with pytest.raises(UserError, match=f"There is no vulnerability database {tmp_path}/app/elsewhere"):
        databases.named("elsewhere")


def test_the_digest_of_records_that_were_read_needs_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_records(tmp_path / "osv", HIGH)

    def opened() -> Databases:
        return Databases(tmp_path, tmp_path / "cache", Log(io.StringIO()))

    digest = opened().digest("osv")
    monkeypatch.delattr("layerwright.build.audit.sources.choose.open_database")
    assert opened().digest("osv") == digest
    write_records(tmp_path / "osv", MALWARE)
    with pytest.raises(ImportError):
        opened().digest("osv")


def test_the_digest_of_a_mirror_is_asked_for_once_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Mirror(archive_of(HIGH)) as mirror:

        def digest(trusted_for: float = 60 * 60) -> str:
            databases = Databases(tmp_path, tmp_path / "cache", Log(io.StringIO()), trusted_for=trusted_for)
            return databases.digest(mirror.address)

        before = digest()
        mirror.archive = archive_of(HIGH, MALWARE)
        assert digest() == before
        assert [one.status for one in mirror.requests] == [200]
        assert digest(trusted_for=0) != before


def test_a_service_has_another_digest_every_day(tmp_path: Path) -> None:
    databases = Databases(tmp_path, tmp_path / "cache", Log(io.StringIO()))
    assert databases.digest("https://osv.example.com").startswith("https://osv.example.com 20")
    assert databases.digest("osv").startswith("https://api.osv.dev 20")


@dataclass(frozen=True)
class Layer:
    """What is needed of the specification of a virtual environment."""

    satisfies: str = ""


@dataclass(frozen=True)
class Specified:
    """What is needed of the specifications of all layers."""

    venv: Layer


def test_what_a_build_makes_satisfies_the_policy_with_the_records_of_today(tmp_path: Path) -> None:
    write_records(tmp_path / "app" / "osv", HIGH)
    request: Any = SimpleNamespace(
        project=SimpleNamespace(root=tmp_path / "app"),
        databases=None,
        report=tmp_path / "report.json",
        today=TODAY,
    )
    given = policy(ruling("vulnerabilities", {"malware": "deny", "database": "osv"}))

    def state() -> str:
        described: Any = Specified(Layer())
        return held(described, given, request, Log(io.StringIO())).venv.satisfies

    before = state()
    assert before == state()
    assert list((tmp_path / "vulnerabilities").glob("*.index"))
    write_records(tmp_path / "app" / "osv", MALWARE)
    assert before != state()
