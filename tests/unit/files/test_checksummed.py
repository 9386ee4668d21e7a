"""A file that a power cut left is told from one that was written to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.files.checksummed import read_checksummed, write_checksummed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [b"", b"one\0two", bytes(10_000)])
def test_what_was_written_is_read(tmp_path: Path, content: bytes) -> None:
    write_checksummed(tmp_path / "file", content)
    assert read_checksummed(tmp_path / "file") == content


def test_every_shorter_file_and_every_file_with_zeros_at_its_end_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_checksummed(file, b"one\0two\n")
    whole = file.read_bytes()
    for length in range(len(whole)):
        for left in (whole[:length], whole[:length].ljust(len(whole), b"\0")):
            file.write_bytes(left)
            assert read_checksummed(file) is None


def test_no_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "absent", tmp_path / "file" / "below"):
        assert read_checksummed(path) is None


def test_a_file_that_cannot_be_read_is_not_taken_for_a_damaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: object) -> bytes:
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.read_bytes", refused)
    with pytest.raises(PermissionError):
        read_checksummed(tmp_path / "file")
