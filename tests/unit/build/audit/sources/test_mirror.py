"""A mirror: asked only for changes, and replaced by its copy when it fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.build.audit.sources.mirror import mirrored
from layerwright.errors import SiteError
from tests.fixtures.osv import Mirror, archive_of
from tests.unit.build.audit.samples import advisory, package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.build.audit.sources.indexed import IndexedDump

DAY = 24 * 60 * 60
OLD, NEW = advisory("GHSA-1", package("a")), advisory("GHSA-2", package("b"))


class Site:
    """A mirror, the place of the copy, and what is said meanwhile; ``later`` is added to the time of now."""

    def __init__(self, mirror: Mirror, place: Path) -> None:
        self.mirror, self.place = mirror, place
        self.told: list[str] = []
        self.warned: list[str] = []
        self.later = 0.0
        self.url = mirror.address

    def open(self, trusted_for: float = 0) -> IndexedDump:
        import time

        return mirrored(
            self.url,
            self.place,
            self.told.append,
            self.warned.append,
            trusted_for=trusted_for,
            now=lambda: time.time() + self.later,
        )

    @property
    def statuses(self) -> list[int]:
        return [one.status for one in self.mirror.requests]

    def refused(self) -> SiteError:
        with pytest.raises(SiteError) as raised:
            self.open()
        assert raised.value.reference == "vulnerability-database"
        return raised.value


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Mirror(archive_of(OLD)) as mirror:
        yield Site(mirror, tmp_path / "audit")


def ids(database: IndexedDump) -> list[str]:
    return [one.id for one in database.about([("a", "1"), ("b", "1")])]


def test_the_dump_is_downloaded_once_and_then_only_asked_for(site: Site) -> None:
    assert ids(site.open()) == ["GHSA-1"]
    assert [line.partition(" the")[0] for line in site.told] == ["Downloading", "Reading"]
    assert ids(site.open()) == ["GHSA-1"]
    assert site.statuses == [200, 304]
    assert (len(site.told), site.warned) == (2, [])


def test_a_new_dump_replaces_the_copy(site: Site) -> None:
    site.open()
    site.mirror.archive = archive_of(NEW)
    assert ids(site.open()) == ["GHSA-2"]
    assert site.statuses == [200, 200]
    assert len(list(site.place.glob("*.index"))) == 1
    assert list(site.place.glob("*.part")) == []


def test_within_a_time_the_mirror_is_not_asked(site: Site) -> None:
    site.open()
    site.later = DAY - 60
    assert ids(site.open(trusted_for=DAY)) == ["GHSA-1"]
    assert site.statuses == [200]
    site.later = DAY + 60
    site.open(trusted_for=DAY)
    assert site.statuses == [200, 304]


def test_a_truncated_dump_does_not_replace_the_copy_whose_age_is_told(site: Site) -> None:
    site.open()
    site.mirror.archive = archive_of(NEW)[:-30]
    site.later = 3 * DAY
    assert ids(site.open()) == ["GHSA-1"]
    [warning] = site.warned
    assert "is damaged. It is not a complete zip archive" in warning
    assert warning.endswith("The copy that is used is 3 days old.")
    assert list(site.place.glob("*.part")) == []
    site.mirror.archive = archive_of(NEW)
    assert ids(site.open()) == ["GHSA-2"]


def test_a_connection_that_breaks_does_not_replace_the_copy(site: Site) -> None:
    site.open()
    site.mirror.archive = archive_of(NEW)
    site.mirror.cut("*", after_bytes=40)
    site.later = DAY
    assert ids(site.open()) == ["GHSA-1"]
    assert site.warned[0].endswith("The copy that is used is 1 day old.")


@pytest.mark.parametrize(("status", "transient"), [(503, True), (404, False)])
def test_a_mirror_that_fails_is_an_error_without_a_copy(site: Site, status: int, transient: bool) -> None:
    site.mirror.fail("*", status=status)
    error = site.refused()
    assert error.summary == f"The vulnerability database {site.url} could not be read."
    assert error.cause.startswith(f"The server answered {status}")
    assert error.transient is transient


def test_a_mirror_that_fails_is_a_warning_with_a_copy(site: Site) -> None:
    site.open()
    site.mirror.close()
    assert ids(site.open()) == ["GHSA-1"]
    assert site.warned[0].endswith("The copy that is used is of today.")


def test_a_dump_that_breaks_off_is_an_error_without_a_copy(site: Site) -> None:
    site.mirror.cut("*", after_bytes=40)
    assert "The connection" in site.refused().cause
    assert list(site.place.iterdir()) == []


def test_a_connection_that_is_reset_is_an_error_without_a_copy(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(*_: object) -> bytes:
        raise ConnectionResetError("reset")

    monkeypatch.setattr("http.client.HTTPResponse.read", reset)
    assert site.refused().cause == "The connection broke after 0 bytes: reset."
    assert list(site.place.iterdir()) == []


def test_the_credentials_of_the_url_are_sent_and_not_shown(site: Site) -> None:
    site.url = site.mirror.require_login("reader", "s3cret-word").replace("all.zip", "") + "PyPI/all.zip"
    assert ids(site.open()) == ["GHSA-1"]
    assert "s3cret-word" not in "".join(site.told) + site.open().words


@pytest.mark.parametrize("content", [b"{}", b"not json", b'{"etag": 1, "checked": "x"}'])
def test_damaged_facts_about_the_copy_mean_that_it_is_downloaded_again(site: Site, content: bytes) -> None:
    site.open()
    [facts] = site.place.glob("*.json")
    assert json.loads(facts.read_bytes())["etag"]
    facts.write_bytes(content)
    assert ids(site.open(trusted_for=DAY)) == ["GHSA-1"]
    assert site.statuses == [200, 200]


def test_a_place_that_cannot_be_written_to_is_named(site: Site, tmp_path: Path) -> None:
    site.place = tmp_path / "file" / "audit"
    site.place.parent.write_text("")
    error = site.refused()
    assert error.summary == "The vulnerability database could not be stored."
    assert "Not a directory" in error.cause


def test_a_copy_whose_facts_cannot_be_written_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("layerwright.build.audit.sources.mirror.write_atomically", refuse)
    assert ids(site.open()) == ids(site.open()) == ["GHSA-1"]
    assert site.statuses == [200, 200]


def test_a_full_disk_leaves_nothing_behind(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("layerwright.build.audit.sources.mirror._receive", full)
    assert "No space left on device" in site.refused().cause
    assert list(site.place.iterdir()) == []
