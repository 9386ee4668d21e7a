from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.audit.advisory import read_advisory
from layerwright.build.policy.candidate import NO_DISTRIBUTION, Origin
from layerwright.build.policy.judging import asked_by, judge
from layerwright.build.policy.refusal import exception_words, refusal, warning_words
from layerwright.build.policy.registry import RULES
from layerwright.build.policy.rule import Asked
from layerwright.build.policy.state import state_of
from layerwright.config.policy.policy import Rank
from layerwright.config.policy.reading import rule_names
from layerwright.config.reading import policy_of
from layerwright.config.sources import Sources
from layerwright.errors import ConfigurationError
from tests.unit.build.audit.samples import advisory, package
from tests.unit.build.policy.samples import (
    TODAY,
    archive,
    candidate,
    exemption,
    facts,
    no_database,
    policy,
    ruling,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.build.audit.advisory import Advisory
    from layerwright.build.audit.sources.database import Database
    from layerwright.build.policy.judging import Verdict
    from layerwright.config.policy.exemption import Exemption
    from layerwright.config.policy.policy import Ruling

UNLOCKED = candidate(is_locked=False)


def verdict(*rulings: Ruling, exemptions: tuple[Exemption, ...] = ()) -> Verdict:
    given = policy(*rulings, exemptions=exemptions)
    return judge(given, given.rulings, [UNLOCKED], facts())


def test_a_violation_is_reported_once_under_the_strongest_source_that_is_violated() -> None:
    found = verdict(*(ruling("hashes", "required", rank) for rank in Rank))
    assert [one.violation.ruling.rank for one in found.refused] == [Rank.PLATFORM]


def test_a_milder_ruling_of_a_stronger_source_leaves_the_stricter_one_to_the_weaker() -> None:
    archives = (archive(uploaded="2026-11-28T12:00:00Z"),)
    given = policy(
        ruling("min-release-age", timedelta(days=1), Rank.PLATFORM),
        ruling("min-release-age", timedelta(days=7)),
    )
    found = judge(given, given.rulings, [candidate(archives=archives)], facts())
    assert [one.violation.ruling.rank for one in found.refused] == [Rank.APPLICATION]


def test_an_exception_counts_against_rulings_of_its_own_source_and_of_weaker_ones() -> None:
    for rank in Rank:
        for other in Rank:
            found = verdict(ruling("hashes", "required", rank), exemptions=(exemption("hashes", rank=other),))
            assert bool(found.excepted) is (other >= rank)
            assert bool(found.refused) is (other < rank)


def test_an_exception_of_the_application_does_not_lift_the_ruling_of_the_platform_beside_its_own() -> None:
    rulings = [ruling("hashes", "required", rank) for rank in (Rank.PLATFORM, Rank.APPLICATION)]
    found = verdict(*rulings, exemptions=(exemption("hashes"),))
    (refused,) = found.refused
    assert refused.violation.ruling.rank is Rank.PLATFORM
    assert refused.weaker is not None


def test_a_ruling_that_nothing_excepts_counts_behind_one_that_is_excepted() -> None:
    archives = (archive(uploaded="2026-11-28T12:00:00Z"),)
    given = policy(
        ruling("min-release-age", timedelta(days=7), Rank.PLATFORM),
        ruling("min-release-age", timedelta(days=9), Rank.ENVIRONMENT),
        exemptions=(exemption("min-release-age", rank=Rank.PLATFORM, version="9"),),
    )
    assert judge(given, given.rulings, [candidate(archives=archives)], facts()).refused


def test_an_exception_is_for_its_distribution_version_index_and_rule_alone() -> None:
    index = "https://a.example.com/simple"
    required = ruling("hashes", "required")

    def is_excepted(one: Exemption) -> bool:
        given = policy(required, exemptions=(one,))
        return bool(judge(given, [required], [candidate(is_locked=False, index=index)], facts()).excepted)

    assert is_excepted(exemption("hashes", "Ac*"))
    assert is_excepted(exemption("hashes", version="1.0", index=f"{index}/"))
    assert not is_excepted(exemption("hashes", "base"))
    assert not is_excepted(exemption("hashes", version="1.1"))
    assert not is_excepted(exemption("hashes", index="https://b.example.com/simple"))
    assert not is_excepted(exemption("build"))


class OneRecord:
    """A database in which every version of acme has one vulnerability."""

    words = "the database"
    digest = modified = ""

    def about(self, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
        del distributions
        affected = package("acme", {"introduced": "0"})
        return [read_advisory(advisory("GHSA-1", affected, aliases=["CVE-1"]))]

    def open(self, name: str) -> Database:
        del name
        return self


INDEX = "https://a.example.com/simple"
# For each rule, a ruling, and what makes it refuse a distribution.
REFUSED: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "min-release-age": ("min-release-age", timedelta(days=7), {}),
    "hashes": ("hashes", "required", {"is_locked": False}),
    "build": ("build", "never", {"archives": (archive("acme-1.0.tar.gz"),)}),
    "yanked": ("yanked", "deny", {"archives": (archive(yanked="broken"),)}),
    "archived": ("archived", "deny", {"status": "archived"}),
    "quarantined": ("quarantined", "deny", {"status": "quarantined"}),
    "startup-code": ("startup-code", "deny", {"startup_files": ("acme.pth",)}),
    "licences": ("licences.denied", ("MIT",), {"licence": "MIT"}),
    "indexes": ("indexes", {"acme": "https://b.example.com/simple"}, {}),
    "vulnerabilities": ("vulnerabilities", {"database": "osv.zip", "deny": "low"}, {}),
}
# For each key of an exception, values for that distribution, and one for another.
KEYS = {
    "distribution": (("acme", "ac*", "*"), "base"),
    "version": (("1.0", "1", "1.0.0"), "1.1"),
    "index": ((INDEX, f"{INDEX}/"), "https://c.example.com/simple"),
    "id": (("GHSA-1", "CVE-1"), "CVE-2"),
}


@pytest.mark.parametrize("rule", rule_names())
@pytest.mark.parametrize("key", KEYS)
def test_each_key_of_an_exception_decides_for_each_rule_or_is_refused(rule: str, key: str) -> None:
    name, value, facts_of_it = REFUSED[rule]
    given = ruling(name, value)
    one = candidate(**{"index": INDEX, **facts_of_it})

    def is_excepted(value: str) -> bool:
        table = {"distribution": "acme", "rule": rule, "reason": "r", "expires": "2026-12-31", key: value}
        read = policy_of(Sources({"layerwright.toml": {"policy": {"exceptions": [table]}}}, {}))
        assert read is not None
        exemptions = read.exemptions
        known = facts(database=OneRecord().open)
        found = judge(policy(given, exemptions=exemptions), [given], [one], known)
        assert bool(found.refused) is not bool(found.excepted)
        return bool(found.excepted)

    right, wrong = KEYS[key]
    if key == ("index" if rule == "vulnerabilities" else "id"):
        with pytest.raises(ConfigurationError) as caught:
            is_excepted(right[0])
        (problem,) = caught.value.problems
        assert problem.startswith(f"layerwright.toml: policy.exceptions[0].{key} is ")
        return
    assert all(map(is_excepted, right))
    assert not is_excepted(wrong)


def test_an_exception_for_an_index_needs_to_know_where_a_distribution_comes_from() -> None:
    required = ruling("hashes", "required")
    given = policy(required, exemptions=(exemption("hashes", index=INDEX),))
    unknown, known = candidate(is_locked=False), candidate(is_locked=False, index=INDEX)
    own = candidate(is_locked=False, origin=Origin.FILE)
    assert asked_by(given, [required], [unknown, known, own]) == [Asked("acme")]
    assert asked_by(given, [required], [candidate("base")]) == []
    # Without asking, nothing is said.
    assert judge(given, [required], [unknown], facts(), unasked=True) == ((), (), ())


def test_an_exception_is_for_no_files_without_a_distribution() -> None:
    given = policy(ruling("startup-code", "known"), exemptions=(exemption("startup-code", "*"),))
    stray = candidate(NO_DISTRIBUTION, version="", startup_files=("stray.pth",))
    assert judge(given, given.rulings, [stray], facts()).refused


def test_what_is_not_a_valid_version_is_compared_as_text() -> None:
    required = ruling("hashes", "required")
    odd = candidate(is_locked=False, version="2004d-r1")
    for version, expected in (("2004d-r1", True), ("1", False)):
        given = policy(required, exemptions=(exemption("hashes", version=version),))
        assert bool(judge(given, [required], [odd], facts()).excepted) is expected


def test_an_exception_from_licences_is_for_what_is_allowed_and_what_is_denied() -> None:
    for rule in ("licences.allowed", "licences.denied"):
        given = policy(ruling(rule, ("*",)), exemptions=(exemption("licences"),))
        one = candidate(licence="" if rule.endswith("allowed") else "MIT")
        assert judge(given, given.rulings, [one], facts()).excepted


def test_an_exception_counts_on_its_last_day_and_not_after_it() -> None:
    required = ruling("hashes", "required")
    assert verdict(required, exemptions=(exemption("hashes", expires=TODAY),)).excepted
    (refused,) = verdict(required, exemptions=(exemption("hashes", expires=date(2026, 11, 29)),)).refused
    assert refused.expired is not None


def test_a_warning_is_not_refused() -> None:
    given = policy(ruling("archived", "warn"))
    found = judge(given, given.rulings, [candidate(status="archived")], facts())
    assert [warning_words(one) for one in found.warned] == [
        "acme 1.0: its project is archived\nThe rule: archived = warn, from application: policy.archived"
    ]
    assert not found.refused


def test_the_error_has_each_violation_with_its_rule_its_owner_and_an_exception() -> None:
    given = policy(
        ruling("hashes", "required", Rank.PLATFORM),
        ruling("indexes", {"ba*": "https://a.example.com/simple"}, Rank.ENVIRONMENT),
        ruling("licences.allowed", ("MIT", "BSD-*")),
        exemptions=(exemption("hashes"), exemption("licences", "base", expires=date(2026, 11, 1))),
    )
    base = candidate("base", index="https://b.example.com/simple", licence="Zlib")
    found = judge(given, given.rulings, [UNLOCKED, base], facts())
    error = refusal(found.refused, TODAY)
    assert error.summary == "The policy refuses 2 distributions."
    assert error.cause.split("\n") == [
        "acme 1.0: no hash locks its archive",
        "  rule: hashes = required, from platform: policy.hashes (of the platform)",
        "  without effect: exceptions[0], because a stronger source sets the rule",
        '  exception: { distribution = "acme", version = "1.0", rule = "hashes", reason = "…",'
        ' expires = "2026-12-30" }',
        "base 1.0: it comes from https://b.example.com/simple, and must come from https://a.example.com/simple",
        "  rule: indexes = {ba* = https://a.example.com/simple}, from environment: policy.indexes (of the environment)",
        '  exception: { distribution = "base", version = "1.0", rule = "indexes", reason = "…",'
        ' expires = "2026-12-30" }',
        "acme 1.0: its metadata has no licence",
        "  rule: licences.allowed = MIT, BSD-*, from application: policy.licences.allowed",
        '  exception: { distribution = "acme", version = "1.0", rule = "licences", reason = "…",'
        ' expires = "2026-12-30" }',
        "base 1.0: its licence is not allowed: Zlib",
        "  rule: licences.allowed = MIT, BSD-*, from application: policy.licences.allowed",
        "  expired: until 2026-11-01 by exceptions[0]: we know it",
        '  exception: { distribution = "base", version = "1.0", rule = "licences", reason = "…",'
        ' expires = "2026-12-30" }',
    ]
    assert refusal(found.refused[:1], TODAY).summary == "The policy refuses a distribution."


def test_the_remedies_are_those_of_the_violated_rules_each_once_and_the_exception() -> None:
    given = policy(ruling("hashes", "required"), ruling("licences.denied", ("GPL-*",)))
    candidates = [UNLOCKED, candidate("base", is_locked=False), candidate("gnu", licence="GPL-3.0-only")]
    *own, last = refusal(judge(given, given.rulings, candidates, facts()).refused, TODAY).remedy
    assert own == [
        "Lock every distribution with its hashes: the lock command of the package manager writes them, or has an option"
        " that does. Use a release from an index instead of a repository.",
        "Use distributions with another licence, and lock them again.",
    ]
    assert last.startswith("Where a distribution is right as it is, add the exception that is shown")


def test_the_exception_that_is_shown_is_valid_and_allows_what_is_refused() -> None:
    given = policy(ruling("startup-code", "deny"), ruling("licences.denied", ("GPL-*",)))
    evil = candidate("evil", version="1!2.0+local", startup_files=("evil.pth",), licence="GPL-3.0-only")
    refused = judge(given, given.rulings, [evil], facts()).refused
    shown = [
        line.removeprefix("  exception: ")
        for line in refusal(refused, TODAY).cause.split("\n")
        if line.startswith("  exception: ")
    ]
    files = {"layerwright.toml": tomllib.loads(f"policy.exceptions = [{', '.join(shown)}]")}
    read = policy_of(Sources(files, {}))
    assert read is not None
    found = judge(policy(*given.rulings, exemptions=read.exemptions), given.rulings, [evil], facts())
    assert (len(found.excepted), found.refused) == (2, ())


def test_files_of_no_distribution_have_no_name_for_an_exception() -> None:
    given = policy(ruling("startup-code", "known"))
    stray = candidate(NO_DISTRIBUTION, version="", startup_files=("stray.pth",))
    error = refusal(judge(given, given.rulings, [stray], facts()).refused, TODAY)
    assert "exception" not in error.cause
    assert error.remedy == (RULES["startup-code"].remedy,)


def test_the_log_says_what_an_exception_allows() -> None:
    own = exemption("hashes")
    ((one, allowing),) = verdict(ruling("hashes", "required"), exemptions=(own,)).excepted
    assert exception_words(one, allowing) == (
        "acme 1.0: no hash locks its archive. Allowed until 2026-12-31 by exceptions[0]: we know it"
    )


def test_only_the_pages_that_rules_need_are_asked_for() -> None:
    rulings = [ruling("hashes", "required"), ruling("yanked", "warn")]
    assert asked_by(policy(*rulings), rulings, [candidate(), candidate("base")]) == [
        Asked("acme"),
        Asked("base"),
    ]


def test_the_state_changes_when_an_exception_expires() -> None:
    given = policy(ruling("hashes", "required"), exemptions=(exemption("hashes"),))
    states = [state_of(given, day, no_database) for day in (TODAY, date(2026, 12, 31), date(2027, 1, 1))]
    assert states[0] == states[1] != states[2]
