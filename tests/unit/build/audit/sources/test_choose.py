"""Which database a name stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.audit.sources.choose import SERVICE, open_database
from layerwright.build.audit.sources.indexed import IndexedDump
from layerwright.build.audit.sources.service import Service
from layerwright.errors import UserError
from tests.fixtures.osv import Mirror, archive_of
from tests.unit.build.audit.samples import advisory, package, write_records

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build.audit.sources.database import Database

RECORD = advisory("GHSA-1", package("a"))


def opened(name: str, root: Path) -> Database:
    return open_database(name, root / "audit", told=lambda _: None, warn=lambda _: None)


def test_a_path_is_a_dump(tmp_path: Path) -> None:
    directory = write_records(tmp_path / "osv", RECORD)
    archive = tmp_path / "all.zip"
    archive.write_bytes(archive_of(RECORD))
    for name in (str(directory), str(archive), f"file://{archive}"):
        assert isinstance(opened(name, tmp_path), IndexedDump)


def test_a_url_of_an_archive_is_a_mirror(tmp_path: Path) -> None:
    with Mirror(archive_of(RECORD)) as mirror:
        found = opened(f"{mirror.address}?token=1", tmp_path)
    assert [one.id for one in found.about([("a", "1")])] == ["GHSA-1"]


def test_another_url_is_a_service(tmp_path: Path) -> None:
    found = opened("https://osv.example.com", tmp_path)
    assert isinstance(found, Service)
    assert found.words == "https://osv.example.com"


def test_the_public_service_has_a_name_unless_a_path_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert opened("osv", tmp_path).words == SERVICE
    write_records(tmp_path / "osv", RECORD)
    assert opened("osv", tmp_path).words == "osv, 1 record"


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        opened(str(tmp_path / "missing"), tmp_path)
    assert raised.value.reference == "no-vulnerability-database"


def test_a_url_that_is_not_understood_is_named_as_it_is_written_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        opened("ftp://me:s3cret-word@osv.example.com/all.zip", tmp_path)
    assert raised.value.summary == "There is no vulnerability database ftp://****@osv.example.com/all.zip."
    assert raised.value.cause == "URLs of databases begin with https://, http:// or file://."
