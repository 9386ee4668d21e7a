from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest

from layerwright.build.layers.download_cache import Loan, contribute_cache, describe_cache
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.files.removal import remove_tree
from layerwright.process.command import Completed
from layerwright.process.redaction import KNOWN
from tests.unit.build.samples import Acme, Site

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.store.downloads import SharedDownloads


def test_downloads_are_for_the_next_build_and_in_no_image(tmp_path: Path) -> None:
    spec = describe_cache(Acme())
    assert spec.name == "cache-acme"
    assert spec.types == LayerTypes(cache=True)


def test_downloads_stay_from_build_to_build(tmp_path: Path) -> None:
    site, spec = Site(tmp_path), describe_cache(Acme())
    contribute_cache(site.contributor(), spec)
    (site.layers.layer_path("cache-acme") / "wheel").touch()
    contributor = site.contributor()
    contribute_cache(contributor, spec)
    assert [c.decision.action.value for c in contributor.contributions] == ["kept"]
    assert (site.layers.layer_path("cache-acme") / "wheel").exists()


# Lent to commands


class Cache:
    """A download cache that holds one archive, and what it holds while a command runs."""

    def __init__(self, root: Path) -> None:
        self.site = Site(root)
        self.path = self.site.layers.layer_path("cache-acme")
        self.seen: list[list[str]] = []
        contribute_cache(self.site.contributor(), SPEC)
        (self.path / "archive").touch()

    def loan(self) -> Loan:
        return Loan(self.site.layers, SPEC)

    def run(self, loan: Loan, status: int = 0) -> None:
        """Run, with the cache lent, a command that ends with *status*."""

        def run() -> Completed:
            assert not self.is_trusted
            self.seen.append([path.name for path in self.path.iterdir()])
            return Completed(returncode=status, output="")

        assert loan.run(run).returncode == status

    @property
    def is_trusted(self) -> bool:
        return self.path.with_name("cache-acme.toml").exists()


SPEC = describe_cache(Acme())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def test_a_cache_that_no_command_used_is_left_alone(cache: Cache) -> None:
    loan = cache.loan()
    assert not loan.is_due
    loan.give_back()
    assert cache.is_trusted


@pytest.mark.parametrize("status", [0, 1])
def test_a_cache_comes_back_from_commands_that_ended_by_themselves(cache: Cache, status: int) -> None:
    loan = cache.loan()
    for _ in range(2):
        cache.run(loan, status)
    assert loan.is_due
    loan.give_back()
    assert cache.seen == [["archive"], ["archive"]]
    assert cache.site.metadata("cache-acme") == {**SPEC.metadata, "size": "0"}


def test_what_a_killed_command_left_is_handed_to_no_other(cache: Cache) -> None:
    loan = cache.loan()
    cache.run(loan, -9)
    loan.give_back()
    assert not loan.is_due
    assert not cache.is_trusted
    cache.run(loan)
    loan.give_back()
    assert cache.seen == [["archive"], []]
    assert cache.is_trusted


def test_what_an_interrupted_build_left_is_not_handed_to_a_command_of_the_next(cache: Cache) -> None:
    def interrupted() -> Completed:
        raise KeyboardInterrupt

    loan = cache.loan()
    with pytest.raises(KeyboardInterrupt):
        loan.run(interrupted)
    loan.give_back()
    again = cache.loan()
    cache.run(again)
    assert cache.seen == [[]]


def test_a_cache_that_a_command_removed_does_not_come_back(cache: Cache) -> None:
    loan = cache.loan()
    cache.run(loan)
    remove_tree(cache.path)
    loan.give_back()
    assert not cache.is_trusted


@pytest.mark.parametrize("status", [0, -9])
def test_a_cache_in_which_a_command_left_a_secret_comes_back_empty_if_at_all(
    cache: Cache, status: int
) -> None:
    KNOWN.learn(["s3cr3t-t0ken"])
    loan = cache.loan()
    cache.run(loan, status)
    (cache.path / "page").write_text("https://example.com/s3cr3t-t0ken/simple")
    loan.give_back()
    assert list(cache.path.iterdir()) == []
    assert cache.is_trusted is (status == 0)


def test_a_cache_without_secrets_stays(cache: Cache) -> None:
    KNOWN.learn(["s3cr3t-t0ken"])
    loan = cache.loan()
    cache.run(loan)
    loan.settle()
    assert (cache.path / "archive").exists()


# Shared with other builds


class Shared:
    """A cache elsewhere, which notes how it was given back."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.given_back: list[bool] = []

    def lend(self) -> Path | None:
        return self.path

    def explains(self, output: str) -> bool:
        return output == "outdated"

    def give_back(self, *, intact: bool) -> None:
        self.given_back.append(intact)


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    path = tmp_path / "elsewhere"
    path.mkdir()
    (path / "archive").touch()
    return Shared(path)


def lending(site: Site, shared: Shared) -> Loan:
    return Loan(site.layers, SPEC, shared=lambda: cast("SharedDownloads", shared))


def entries(site: Site, statuses: list[int], loan: Loan) -> list[list[str]]:
    """Return what each of the commands that end with *statuses* finds in its cache."""
    path, seen = site.layers.layer_path(SPEC.name), []

    def run(status: int) -> Completed:
        seen.append([entry.name for entry in path.iterdir()])
        return Completed(returncode=status, output="")

    for status in statuses:
        loan.run(partial(run, status))
    return seen


def test_commands_use_the_shared_cache_at_the_usual_path_and_nothing_is_left_there(
    tmp_path: Path, shared: Shared
) -> None:
    site = Site(tmp_path)
    loan = lending(site, shared)
    assert entries(site, [0, 1], loan) == [["archive"], ["archive"]]
    loan.end()
    assert not os.path.lexists(site.layers.layer_path(SPEC.name))
    assert shared.path is not None
    assert (shared.path / "archive").exists()
    assert shared.given_back == [True]


def test_after_a_killed_command_the_next_ones_get_an_empty_cache(tmp_path: Path, shared: Shared) -> None:
    site = Site(tmp_path)
    loan = lending(site, shared)
    assert entries(site, [-9, 0], loan) == [["archive"], []]
    loan.end()
    # Without this, what the killed command left would be taken for complete.
    assert shared.given_back == [False]


def test_a_failed_build_gives_the_shared_cache_back(tmp_path: Path, shared: Shared) -> None:
    site = Site(tmp_path)
    loan = lending(site, shared)
    entries(site, [1], loan)
    loan.give_back()
    assert not os.path.lexists(site.layers.layer_path(SPEC.name))
    assert shared.given_back == [True]


@pytest.mark.parametrize(
    ("output", "status", "seen"),
    [
        ("outdated", 1, [["archive"], []]),
        ("outdated", 0, [["archive"]]),
        ("no compiler", 1, [["archive"]]),
    ],
)
def test_a_command_that_fails_because_of_the_shared_cache_runs_again_without_it(
    tmp_path: Path, shared: Shared, output: str, status: int, seen: list[list[str]]
) -> None:
    site = Site(tmp_path)
    loan, found = lending(site, shared), []

    def run() -> Completed:
        found.append([path.name for path in site.layers.layer_path(SPEC.name).iterdir()])
        return Completed(returncode=status, output=output)

    assert loan.run(run).returncode == status
    loan.end()
    assert found == seen
    assert shared.given_back == [len(seen) == 1]


def test_without_a_shared_cache_commands_get_an_empty_one(tmp_path: Path) -> None:
    site = Site(tmp_path)
    loan = lending(site, Shared(None))
    assert entries(site, [0], loan) == [[]]
    loan.end()
    assert site.layers.names() == ()
