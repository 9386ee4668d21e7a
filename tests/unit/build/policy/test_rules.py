from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.policy.candidate import NO_DISTRIBUTION, Origin
from layerwright.build.policy.indexes.index import Page
from layerwright.build.policy.names import matches
from layerwright.build.policy.registry import RULES
from layerwright.build.policy.rule import Asked
from layerwright.build.policy.rules.licences import holds
from layerwright.build.policy.state import _DEPENDING
from tests.unit.build.policy.samples import archive, candidate, facts, ruling

if TYPE_CHECKING:
    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Violation

PRIVATE = "https://private.example.com/simple"
REPOSITORY = {"origin": Origin.REPOSITORY, "url": "https://git.example.com/acme@" + "c" * 40, "archives": ()}
OWN = {"origin": Origin.DIRECTORY, "url": "file:///app", "archives": ()}


def violations(rule: str, value: Any, *candidates: Candidate, pages: Any = None) -> list[Violation]:
    return list(RULES[rule].check(ruling(rule, value), candidates, facts(pages)))


def because(rule: str, value: Any, *candidates: Candidate, pages: Any = None) -> list[str]:
    return [one.because for one in violations(rule, value, *candidates, pages=pages)]


def asks(rule: str, value: Any, one: Candidate) -> list[Asked]:
    return list(RULES[rule].asks(ruling(rule, value), one))


WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("uploaded", "words"),
    [
        (
            "2026-11-30T11:30:00Z",
            "it was uploaded less than an hour ago, on 2026-11-30 11:30 UTC, and must be 7 days old",
        ),
        ("2026-11-28T13:00:00+02:00", "it was uploaded 49 hours ago, on 2026-11-28 11:00 UTC, and must be 7 days old"),
        ("2026-11-29T12:00:00", "it was uploaded 1 day ago, on 2026-11-29 12:00 UTC, and must be 7 days old"),
        ("2026-11-23T12:00:01.5Z", "it was uploaded 167 hours ago, on 2026-11-23 12:00 UTC, and must be 7 days old"),
        ("2027-01-01T00:00:00Z", "its upload time is in the future: 2027-01-01 00:00 UTC"),
        ("yesterday", "its upload time cannot be read: yesterday"),
        ("", "its upload time is unknown"),
    ],
)  # fmt: skip
def test_an_archive_is_refused_until_it_is_old_enough(uploaded: str, words: str) -> None:
    assert because("min-release-age", WEEK, candidate(archives=(archive(uploaded=uploaded),))) == [words]


def test_an_archive_that_is_old_enough_is_not_refused() -> None:
    assert (
        because("min-release-age", WEEK, candidate(archives=(archive(uploaded="2026-11-23T12:00:00Z"),)))
        == []
    )


def test_a_clock_that_is_a_few_minutes_ahead_is_no_future() -> None:
    one = candidate(archives=(archive(uploaded="2026-11-30T12:05:00Z"),))
    assert "less than an hour ago" in because("min-release-age", WEEK, one)[0]


def test_if_several_archives_may_be_installed_the_youngest_counts() -> None:
    old, new = archive(uploaded="2020-01-01T00:00:00Z"), archive(uploaded="2026-11-30T00:00:00Z")
    (violation,) = violations("min-release-age", WEEK, candidate(archives=(old, new)))
    assert "12 hours ago" in violation.because
    # Midnight is passed on that day, so the exception lasts until the next.
    assert violation.until == date(2026, 12, 8)


def test_what_the_index_could_not_say_is_in_the_words() -> None:
    one = candidate(archives=(), unseen="it is not on https://a.example.com/simple")
    assert because("min-release-age", WEEK, one) == [
        "its upload time is unknown (it is not on https://a.example.com/simple)"
    ]


def test_what_comes_from_no_index_has_no_age() -> None:
    own = [candidate(**OWN), candidate(origin=Origin.FILE, url="file:///app/acme.whl")]
    assert because("min-release-age", WEEK, *own) == []
    assert because("min-release-age", WEEK, candidate(origin=Origin.URL)) == [
        "it comes from no index, so its upload time is unknown"
    ]


def test_the_index_is_asked_only_for_times_that_the_lock_file_lacks() -> None:
    assert asks("min-release-age", WEEK, candidate()) == [Asked("acme")]
    assert (
        asks("min-release-age", WEEK, candidate(archives=(archive(uploaded="2020-01-01T00:00:00Z"),))) == []
    )
    assert asks("min-release-age", WEEK, candidate(**OWN)) == []


def test_hashes_must_lock_everything_but_packages_of_the_application() -> None:
    found = violations(
        "hashes",
        "required",
        candidate("a"),
        candidate("b", is_locked=False),
        candidate("c", **REPOSITORY),
        candidate("d", is_locked=False, **OWN),
    )
    assert [(one.candidate.name, one.because.partition(":")[0]) for one in found] == [
        ("b", "no hash locks its archive"),
        ("c", "it comes from a repository, which has no hash"),
    ]


def test_what_would_be_built_is_listed() -> None:
    source = archive("b-1.0.tar.gz")
    found = violations(
        "build",
        "never",
        candidate("a"),
        candidate("b", archives=(source,)),
        candidate("c", archives=(source, archive())),
        candidate("d", archives=(archive(""),)),
        candidate("e", **REPOSITORY),
        candidate("f", **OWN),
    )
    assert [(one.candidate.name, one.because) for one in found] == [
        ("b", "it is built from b-1.0.tar.gz: no wheel of it fits"),
        ("e", f"it is built from a repository: {REPOSITORY['url']}"),
    ]


def test_the_index_is_asked_for_names_that_the_lock_file_lacks() -> None:
    assert asks("build", "never", candidate(archives=(archive(""),))) == [Asked("acme")]
    assert asks("build", "never", candidate()) == []
    assert asks("build", "never", candidate(**REPOSITORY)) == []


@pytest.mark.parametrize(
    ("rule", "facts_", "words"),
    [
        ("yanked", {"archives": (archive(yanked="broken"),)}, "it was yanked: broken"),
        ("yanked", {"archives": (archive(yanked=""),)}, "it was yanked"),
        (
            "archived",
            {"status": "archived", "status_reason": "use base"},
            "its project is archived: use base",
        ),
        ("quarantined", {"status": "quarantined"}, "its project is quarantined"),
    ],
)
def test_what_an_index_says_is_refused_or_a_warning(rule: str, facts_: dict[str, Any], words: str) -> None:
    for value, warns in (("deny", False), ("warn", True)):
        (violation,) = violations(rule, value, candidate(**facts_))
        assert (violation.because, violation.is_warning) == (words, warns)
    assert because(rule, "deny", candidate(), candidate(status="active"), candidate(**OWN)) == []


def test_an_index_that_does_not_say_it_is_a_warning() -> None:
    (violation,) = violations(
        "yanked", "deny", candidate(unseen="https://a.example.com has no JSON (PEP 691)")
    )
    assert violation.is_warning
    assert (
        violation.because == "it is unknown whether it is yanked: https://a.example.com has no JSON (PEP 691)"
    )


def test_the_index_is_always_asked_about_the_status_of_what_it_has() -> None:
    assert asks("quarantined", "warn", candidate()) == [Asked("acme")]
    assert asks("quarantined", "allow", candidate()) == []
    assert asks("quarantined", "deny", candidate(**OWN)) == []


def test_code_at_start_is_refused_with_its_files() -> None:
    evil = candidate("evil", startup_files=("evil.pth", "sitecustomize.py"))
    known = candidate("setuptools", known_startup_files=("distutils-precedence.pth",))
    own = candidate("own", startup_files=("own.pth",), **OWN)
    stray = candidate(NO_DISTRIBUTION, version="", origin=Origin.FILE, startup_files=("x.start",))
    words = "its files run code at every start of the interpreter: "
    assert because("startup-code", "known", evil, known, own, stray) == [
        f"{words}evil.pth, sitecustomize.py",
        f"{words}x.start",
    ]
    assert because("startup-code", "deny", known) == [f"{words}distutils-precedence.pth"]
    assert because("startup-code", "allow", evil) == []


@pytest.mark.parametrize(
    ("expression", "is_allowed", "is_denied"),
    [
        ("MIT", True, False),
        ("mit", True, False),
        ("GPL-3.0-only", False, True),
        ("MIT OR GPL-3.0-only", True, False),
        ("MIT AND GPL-3.0-only", False, True),
        ("MIT AND (GPL-3.0-only OR BSD-3-Clause)", True, False),
        ("GPL-3.0-only OR MIT AND BSD-2-Clause", True, False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True, True),
        ("Zlib", False, False),
    ],
)
def test_an_expression_is_allowed_if_a_choice_of_it_is(
    expression: str, is_allowed: bool, is_denied: bool
) -> None:
    allowed = ("MIT", "BSD-*", "GPL-2.0-only WITH Classpath-exception-2.0")
    one = candidate(licence=expression)
    assert because("licences.allowed", allowed, one) == (
        [] if is_allowed else [f"its licence is not allowed: {expression}"]
    )
    assert because("licences.denied", ("GPL-*",), one) == (
        [f"its licence is denied: {expression}"] if is_denied else []
    )


def test_licences_without_an_expression_are_compared_by_their_names() -> None:
    one = candidate(licence_names=("BSD License", "Other"))
    assert because("licences.allowed", ("BSD License",), one) == ["its licence is not allowed: Other"]
    assert because("licences.allowed", ("BSD*", "other"), one) == []
    assert because("licences.denied", ("Other",), one) == ["its licence is denied: Other"]


def test_no_licence_is_not_allowed_and_not_denied() -> None:
    assert because("licences.allowed", ("MIT",), candidate()) == ["its metadata has no licence"]
    assert because("licences.denied", ("MIT",), candidate()) == []


def test_packages_of_the_application_and_stray_files_need_no_licence() -> None:
    stray = candidate(NO_DISTRIBUTION, version="", startup_files=("x.pth",))
    assert because("licences.allowed", ("MIT",), candidate(**OWN), stray) == []


def test_and_binds_stronger_than_or() -> None:
    assert holds("A OR B AND C", lambda one: one == "A")
    assert not holds("(A OR B) AND C", lambda one: one == "A")
    assert holds("a or b", lambda one: one == "b")


def test_a_distribution_comes_only_from_the_index_that_it_is_pinned_to() -> None:
    pins = {"acme-*": PRIVATE, "acme-open": "https://open.example.com/simple"}
    elsewhere, here = (
        candidate("acme-core", index=url) for url in ("https://pub.example.com/simple", PRIVATE + "/")
    )
    assert because("indexes", pins, elsewhere) == [
        f"it comes from https://pub.example.com/simple, and must come from {PRIVATE}"
    ]
    assert because("indexes", pins, here, candidate("base", index="https://pub.example.com/simple")) == []
    # The more exact pin counts.
    assert because("indexes", pins, candidate("acme-open", index="https://OPEN.example.com/simple/")) == []
    assert because(
        "indexes", pins, candidate("acme-x", origin=Origin.URL, url="https://e.example.com/x.whl")
    ) == [f"it comes from https://e.example.com/x.whl, and must come from {PRIVATE}"]
    assert because("indexes", {"*": PRIVATE}, candidate(**OWN), candidate(NO_DISTRIBUTION)) == []


def test_the_pinned_index_must_have_the_archive_if_nothing_says_where_it_is_from() -> None:
    pins = {"acme": PRIVATE}
    assert asks("indexes", pins, candidate()) == [Asked("acme", PRIVATE)]
    assert asks("indexes", pins, candidate(index=f"{PRIVATE}/")) == [Asked("acme", PRIVATE)]
    assert asks("indexes", pins, candidate(index="https://pub.example.com/simple")) == []
    assert asks("indexes", pins, candidate("base")) == []

    other = archive(hashes=frozenset({"sha256:" + "b" * 64}))

    def with_page(one: Candidate, page: Page) -> list[str]:
        return because("indexes", pins, one, pages={Asked("acme", PRIVATE): page})

    assert with_page(candidate(), Page(archives=(archive("another name"),))) == []
    # A lock file may name the index, and have an archive from elsewhere.
    assert with_page(candidate(index=PRIVATE), Page(archives=(other,))) == [
        f"its archive is not on {PRIVATE}, which it must come from"
    ]
    assert with_page(candidate(index=PRIVATE), Page(unreadable="it has no JSON")) == []
    # Another rule found it on a mirror first.
    mirrored = candidate(index="https://mirror.example.com/simple")
    assert with_page(mirrored, Page(archives=(archive(),))) == []
    assert with_page(mirrored, Page(archives=(other,))) == [
        f"it comes from https://mirror.example.com/simple, and must come from {PRIVATE}"
    ]
    assert with_page(candidate(), Page(archives=(other,))) == [
        f"its archive is not on {PRIVATE}, which it must come from"
    ]
    unhashed = candidate(archives=(archive(hashes=frozenset()),))
    assert with_page(unhashed, Page(archives=(archive(),))) == []
    assert with_page(candidate(), Page(unreadable="it has no JSON")) == [
        f"it is unknown whether it comes from {PRIVATE}: it has no JSON"
    ]
    assert because("indexes", pins, candidate()) == []


@pytest.mark.parametrize(
    ("pattern", "name", "is_match"),
    [
        ("Acme_Core", "acme-core", True),
        ("acme-*", "acme-core", True),
        ("acme-*", "acmes", False),
        ("*", "x", True),
    ],
)
def test_a_pattern_is_for_names_in_any_spelling(pattern: str, name: str, is_match: bool) -> None:
    assert matches(pattern, name) is is_match


def test_the_state_depends_on_the_database_of_every_rule_that_needs_one() -> None:
    assert {name for name, rule in RULES.items() if rule.needs_database} == set(_DEPENDING)
