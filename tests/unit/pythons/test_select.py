from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import UserError
from layerwright.pythons.provider import Candidate, anything
from layerwright.pythons.select import select

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Progress, Provider, Wanted


@dataclass(frozen=True)
class Shelf:
    """A provider that has versions and installs none."""

    name: str
    versions: tuple[str, ...]

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        return [Candidate(version=v, provider=self.name, origin="", inputs={}) for v in self.versions]

    def looked_in(self) -> Sequence[str]:
        return [f"the {self.name} shelf"]

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        raise NotImplementedError


NEAR = Shelf("near", ("3.13.1", "3.12.4", "3.12.3"))
FAR = Shelf("far", ("3.14.9", "3.13.17", "3.12.15", "3.12.2"))


def chosen(
    specifier: str, *prefer: str, providers: Sequence[Provider] = (NEAR, FAR), within: str = ""
) -> tuple[str, str]:
    provider, candidate = select(specifier, prefer, providers, within=within)
    return provider.name, candidate.version


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("==3.12.*", ("near", "3.12.4")),
        ("== 3.12.3", ("near", "3.12.3")),
        (">=3.11,<3.13", ("near", "3.12.4")),
        ("~=3.12.2,!=3.12.4", ("near", "3.12.3")),
        ("", ("near", "3.13.1")),
    ],
)
def test_the_newest_that_satisfies_is_chosen(specifier: str, expected: tuple[str, str]) -> None:
    assert chosen(specifier) == expected


def test_a_later_provider_is_asked_when_no_earlier_one_will_do() -> None:
    assert chosen("==3.12.15") == ("far", "3.12.15")


def test_an_older_version_nearby_wins_over_a_newer_one_further_away() -> None:
    assert chosen(">=3.11") == ("near", "3.13.1")


def test_among_those_that_satisfy_the_preferred_come_first() -> None:
    assert chosen(">=3.11", "==3.12.*") == ("near", "3.12.4")


def test_a_preference_that_nothing_meets_changes_nothing() -> None:
    assert chosen(">=3.11", "==3.14.*") == ("near", "3.13.1")


def test_the_first_preference_that_something_meets_decides() -> None:
    assert chosen(">=3.11", "==3.12.*,<3.12.3", "==3.12.*,<3.12.4", "==3.13.*") == ("near", "3.12.3")


def test_what_is_within_the_bounds_comes_first_from_any_provider() -> None:
    assert chosen(">=3.11", within="<3.13") == ("near", "3.12.4")
    assert chosen(">=3.11", within=">=3.14") == ("far", "3.14.9")


def test_without_anything_within_the_bounds_they_do_not_count() -> None:
    # The error then names both: what is asked for, and the bound that excludes it.
    assert chosen("==3.12.*", within=">=3.13") == ("near", "3.12.4")


def test_one_minor_version_is_not_taken_for_another_that_starts_alike() -> None:
    assert chosen("==3.1.*", providers=[Shelf("both", ("3.13.1", "3.1.5"))]) == ("both", "3.1.5")


@pytest.mark.parametrize(
    ("specifier", "near", "far"),
    [
        ("==3.12.9", "3.12.4", "3.12.2, 3.12.15"),
        ("==3.11.*", "3.12.4", "3.12.15"),
        ("==3.99.*", "3.13.1", "3.14.9"),
        ("==3.13.5", "3.13.1", "3.13.17"),
    ],
)
def test_what_is_nearest_is_named_when_nothing_satisfies(specifier: str, near: str, far: str) -> None:
    with pytest.raises(UserError) as caught:
        select(specifier, (), (NEAR, FAR, Shelf("empty", ())))
    assert caught.value.reference == "python-not-found"
    assert specifier in caught.value.summary
    lines = caught.value.cause.splitlines()
    assert lines[:4] == [
        "Nearest available versions:",
        f"  near: {near}",
        f"  far: {far}",
        "  empty: none at all",
    ]
    assert lines[4:] == [
        "Looked in:",
        "  near: the near shelf",
        "  far: the far shelf",
        "  empty: the empty shelf",
    ]


@pytest.mark.parametrize("specifier", ["==3.6.5", "==3.7.*", "==3.8.20", "<3", "==2.7.*"])
def test_a_version_before_the_oldest_supported_one_is_called_too_old(specifier: str) -> None:
    with pytest.raises(UserError) as caught:
        select(specifier, (), (NEAR, Shelf("empty", ())))
    assert caught.value.reference == "python-not-found"
    assert caught.value.cause.splitlines() == [
        "It is too old: Python 3.9 or newer is needed.",
        "Nearest available versions:",
        "  near: 3.12.4",
        "  empty: none at all",
    ]
    assert "better one that still gets security fixes" in caught.value.remedy[0]


def test_where_there_is_nothing_at_all_even_the_least_wish_is_not_met() -> None:
    with pytest.raises(UserError, match="not found") as caught:
        select("", (), (Shelf("empty", ()),))
    assert "empty: none at all" in caught.value.cause
