"""Which versions a record is about."""

from __future__ import annotations

import pytest

from layerwright.build.audit.advisory import Affected
from layerwright.build.audit.matching import Verdict, fixed_in, verdict

Events = tuple[tuple[str, str], ...]


def said(version: str, *events: tuple[str, str], versions: tuple[str, ...] = ()) -> Verdict:
    return verdict(Affected(name="a", versions=versions, ranges=(events,) if events else ()), version)


@pytest.mark.parametrize(
    ("events", "affected", "unaffected"),
    [
        ((("introduced", "0"),), ["0.0.1.dev1", "1", "99"], []),
        (
            (("introduced", "0"), ("fixed", "1.2")),
            ["1.1", "1.2rc1", "1.2.dev0"],
            ["1.2", "1.2.0", "1.2.post1", "2"],
        ),
        (
            (("introduced", "1"), ("last_affected", "1.2")),
            ["1.0", "1.2", "1.2.0"],
            ["0.9", "1.2.post1", "1.3"],
        ),
        (
            (("fixed", "1.1"), ("introduced", "1"), ("introduced", "2"), ("fixed", "2.3")),
            ["1.0", "2", "2.2.9"],
            ["1.1", "1.9", "2.3"],
        ),
        ((("introduced", "1"), ("last_affected", "1")), ["1", "1.0"], ["1.0.1", "0.9"]),
        (
            (("introduced", "0"), ("fixed", "1"), ("introduced", "1"), ("fixed", "2")),
            ["0.5", "1", "1.5"],
            ["2"],
        ),
        ((("introduced", "0"), ("limit", "2")), ["1"], ["2", "3"]),
        ((("introduced", "0"), ("limit", "2"), ("limit", "4")), ["1", "3"], ["4"]),
        ((("introduced", "0"), ("limit", "*")), ["1", "9"], []),
        ((("introduced", "1!0"),), ["1!1"], ["2030.1"]),
        ((("fixed", "2"),), [], ["1", "3"]),
    ],
)
def test_ranges_are_evaluated_as_the_schema_has_it(
    events: Events, affected: list[str], unaffected: list[str]
) -> None:
    assert {version: said(version, *events) for version in (*affected, *unaffected)} == {
        **dict.fromkeys(affected, Verdict.AFFECTED),
        **dict.fromkeys(unaffected, Verdict.UNAFFECTED),
    }


@pytest.mark.parametrize("version", ["1.0", "1", "1.0.0", "v1.0", "1.0+cpu"])
def test_a_listed_version_is_affected_however_it_is_written(version: str) -> None:
    assert said(version, versions=("0.9", "1.0")) is Verdict.AFFECTED


def test_a_version_that_is_not_listed_is_unaffected_unless_a_range_has_it() -> None:
    assert said("2.0", versions=("1.0",)) is Verdict.UNAFFECTED
    assert said("2.0", ("introduced", "1"), versions=("1.0",)) is Verdict.AFFECTED


@pytest.mark.parametrize("version", ["2.0+cpu", "2.0+patched.1"])
def test_a_local_version_is_as_vulnerable_as_the_public_one(version: str) -> None:
    assert said(version, ("introduced", "0"), ("last_affected", "2.0")) is Verdict.AFFECTED
    assert said(version, ("introduced", "0"), ("fixed", "2.0")) is Verdict.UNAFFECTED


def test_an_entry_without_versions_and_ranges_decides_nothing() -> None:
    assert said("1.0") is Verdict.UNDECIDED
    assert verdict(Affected(name="a", ranges=((),)), "1.0") is Verdict.UNDECIDED


@pytest.mark.parametrize(
    "events", [(("introduced", "0"), ("fixed", "abcdef1")), (("introduced", "0"), ("limit", "main"))]
)
def test_a_range_with_something_else_than_versions_decides_nothing(events: Events) -> None:
    assert said("1.0", *events) is Verdict.UNDECIDED


def test_one_range_that_decides_is_enough() -> None:
    ranges = ((("introduced", "0"), ("fixed", "abcdef1")), (("introduced", "1"),))
    assert verdict(Affected(name="a", ranges=ranges), "1.0") is Verdict.AFFECTED


def test_a_version_that_is_none_of_pep_440_is_only_found_in_lists() -> None:
    assert said("2004d-r1", versions=("2004d-r1",)) is Verdict.AFFECTED
    assert said("2004d-r1", versions=("2004e",)) is Verdict.UNAFFECTED
    assert said("2004d-r1", ("introduced", "0")) is Verdict.UNDECIDED


def test_the_fix_is_the_lowest_fixed_version_above() -> None:
    ranges = (
        (("introduced", "0"), ("fixed", "1.9"), ("introduced", "2.0"), ("fixed", "2.3")),
        (("introduced", "3.0"), ("fixed", "3.1"), ("fixed", "not a version")),
    )
    affected = Affected(name="a", ranges=ranges)
    assert [fixed_in(affected, version) for version in ("1.0", "2.0", "3.0", "3.1", "odd")] == [
        "1.9",
        "2.3",
        "3.1",
        "",
        "",
    ]
