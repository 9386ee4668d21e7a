"""The index of a dump: read once, asked often."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.audit.sources.indexed import IndexedDump
from layerwright.errors import SiteError
from tests.fixtures.osv import archive_of
from tests.unit.build.audit.samples import advisory, package, write_records

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = (
    advisory("GHSA-1", package("Acme_Lib", {"introduced": "0"}), modified="2026-11-02T00:00:00Z"),
    advisory("GHSA-2", package("acme.lib", versions=["1"]), package("b"), modified="2026-11-03T00:00:00Z"),
    advisory("GHSA-3", package("c"), withdrawn="2026-11-01T00:00:00Z", modified="2026-11-01T00:00:00Z"),
    advisory("GHSA-4", package("left-pad", ecosystem="npm"), modified="2026-10-01T00:00:00Z"),
)


class Site:
    """A dump, the place of its index, and what is told meanwhile."""

    def __init__(self, root: Path) -> None:
        self.place = root / "cache" / "audit"
        self.dump = write_records(root / "osv", *RECORDS)
        self.told: list[str] = []

    def open(self, path: Path | None = None) -> IndexedDump:
        return IndexedDump(path or self.dump, self.place, self.told.append)

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.place.iterdir() if path.suffix != ".digest")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def ids(database: IndexedDump, *names: str) -> list[str]:
    return [one.id for one in database.about((name, "1") for name in names)]


def test_it_returns_the_records_about_a_name_and_each_once(site: Site) -> None:
    database = site.open()
    assert ids(database, "acme-lib") == ["GHSA-1", "GHSA-2"]
    assert ids(database, "b", "acme-lib", "b") == ["GHSA-1", "GHSA-2"]
    assert ids(database, "c", "left-pad", "unknown") == []


def test_it_says_what_it_is_and_how_new(site: Site) -> None:
    database = site.open()
    assert database.words == f"{site.dump}, 2 records"
    assert database.modified == "2026-11-03T00:00:00Z"
    assert len(database.digest) == 64


def test_the_second_time_the_dump_is_not_read(site: Site) -> None:
    first = site.open()
    assert site.told == [f"Reading the vulnerability database {site.dump}"]
    again = site.open()
    assert len(site.told) == 1
    assert (again.words, again.digest, again.modified) == (first.words, first.digest, first.modified)
    assert ids(again, "b") == ["GHSA-2"]


def test_a_changed_dump_is_read_again_and_replaces_the_index(site: Site) -> None:
    digest, files = site.open().digest, site.files
    write_records(site.dump, advisory("GHSA-5", package("d")))
    database = site.open()
    assert ids(database, "d") == ["GHSA-5"]
    assert database.digest != digest
    assert len(site.files) == 1
    assert site.files != files
    assert [path.read_text() for path in site.place.glob("*.digest")] == [database.digest]


def test_equal_records_have_one_digest_wherever_they_are(site: Site, tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    archive.write_bytes(archive_of(*RECORDS))
    assert site.open(archive).digest == site.open().digest
    assert len(site.files) == 2


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 200])
def test_a_damaged_index_is_made_again(site: Site, content: bytes) -> None:
    site.open()
    [name] = site.files
    (site.place / name).write_bytes(content)
    assert ids(site.open(), "b") == ["GHSA-2"]
    assert len(site.told) == 2


def test_without_a_place_to_write_the_index_is_in_memory(site: Site, tmp_path: Path) -> None:
    site.place = tmp_path / "file" / "audit"
    site.place.parent.write_text("")
    assert ids(site.open(), "b") == ["GHSA-2"]
    assert ids(site.open(), "b") == ["GHSA-2"]
    assert len(site.told) == 2


def test_a_dump_that_is_damaged_leaves_nothing_behind(site: Site) -> None:
    (site.dump / "GHSA-9.json").write_text("{")
    with pytest.raises(SiteError):
        site.open()
    assert site.files == []


def test_an_index_that_cannot_be_written_to_is_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    site.open()
    monkeypatch.setattr("os.utime", refuse)
    assert ids(site.open(), "b") == ["GHSA-2"]
    assert len(site.told) == 1


def test_a_full_disk_leaves_nothing_behind_and_the_index_in_memory(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    database = site.open()
    assert ids(database, "b", "acme-lib") == ["GHSA-1", "GHSA-2"]
    assert not list(site.place.glob("*.part"))


def test_an_index_that_another_process_has_removed_is_made_again_in_memory(site: Site) -> None:
    database = site.open()
    for path in site.place.iterdir():
        path.unlink()
    assert ids(database, "b") == ["GHSA-2"]
    assert ids(database, "acme-lib") == ["GHSA-1", "GHSA-2"]
    assert site.files == []
