"""Dumps of a database, whole and damaged."""

from __future__ import annotations

import io
import json
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from layerwright.build.audit.sources.dump import records
from layerwright.build.audit.sources.stamped import stamp
from layerwright.errors import SiteError
from layerwright.files import bounded
from tests.fixtures.osv import archive_of
from tests.unit.build.audit.samples import advisory, package, write_records

if TYPE_CHECKING:
    from pathlib import Path

RECORDS = (
    advisory("GHSA-1", package("a", {"introduced": "0"})),
    advisory("GHSA-2", package("b", versions=["1"])),
)


def ids(path: Path) -> list[str]:
    return [found.id for found, _ in records(path)]


def refused(path: Path) -> SiteError:
    with pytest.raises(SiteError) as raised:
        list(records(path))
    assert raised.value.reference == "vulnerability-database"
    return raised.value


def test_a_directory_is_read_with_those_in_it(tmp_path: Path) -> None:
    write_records(tmp_path / "PyPI", *RECORDS)
    write_records(tmp_path / "malicious" / "c", advisory("MAL-1", package("c")))
    (tmp_path / "README.md").write_text("Not a record")
    write_records(tmp_path / ".git", advisory("GHSA-9"))
    assert sorted(ids(tmp_path)) == ["GHSA-1", "GHSA-2", "MAL-1"]


def test_an_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(archive_of(*RECORDS))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README.md", "Not a record")
    assert ids(path) == ["GHSA-1", "GHSA-2"]


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_truncated_archive_is_damaged(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(archive_of(*RECORDS)[:kept])
    error = refused(path)
    assert error.summary == f"The vulnerability database {path} is damaged."
    assert error.cause.startswith("It is not a complete zip archive: ")


def test_an_archive_with_a_changed_byte_is_damaged(tmp_path: Path) -> None:
    content = bytearray(archive_of(*RECORDS))
    content[60] ^= 0xFF
    path = tmp_path / "all.zip"
    path.write_bytes(content)
    assert "zip archive" in refused(path).cause


def test_a_truncated_record_in_a_directory_is_named(tmp_path: Path) -> None:
    write_records(tmp_path, *RECORDS)
    file = tmp_path / "GHSA-2.json"
    file.write_text(file.read_text()[:80])
    assert refused(tmp_path).cause.startswith("GHSA-2.json is not a record: ")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 3}', "[" * 100_000, "\udcff"])
def test_a_file_that_is_no_record_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_bytes(text.encode(errors="surrogateescape"))
    assert refused(tmp_path).cause.startswith("a.json is not a record: ")


def test_a_record_of_an_archive_that_does_not_fit_into_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(archive_of(*RECORDS))
    monkeypatch.setattr(bounded, "LARGEST", 100)
    assert refused(path).cause == "GHSA-1.json is too large for a record."


def test_a_dump_without_a_record_is_damaged(tmp_path: Path) -> None:
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    path = tmp_path / "all.zip"
    path.write_bytes(empty.getvalue())
    (tmp_path / "empty").mkdir()
    for place in (path, tmp_path / "empty"):
        assert refused(place).cause == "There is no file in it whose name ends with .json."


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    error = refused(tmp_path)
    assert error.summary == f"The vulnerability database {tmp_path} cannot be read."
    assert error.cause == f"{tmp_path / 'a.json'}: It is a named pipe"
    with pytest.raises(SiteError, match="cannot be read"):
        stamp(tmp_path / "missing.zip")


def test_the_stamp_changes_with_a_file_and_not_with_the_name_of_an_archive(tmp_path: Path) -> None:
    directory = write_records(tmp_path / "osv", *RECORDS)
    before = stamp(directory)
    assert stamp(directory) == before
    (directory / "GHSA-3.json").write_text(json.dumps(advisory("GHSA-3")))
    assert stamp(directory) != before
    path = tmp_path / "all.zip.part"
    path.write_bytes(archive_of(*RECORDS))
    archive = stamp(path)
    path = path.rename(tmp_path / "all.zip")
    assert stamp(path) == archive
    path.write_bytes(archive_of(*RECORDS[:1]))
    assert stamp(path) != archive
