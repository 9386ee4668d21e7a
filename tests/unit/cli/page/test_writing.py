from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from layerwright.cli.page.writing import check_place, write_document
from layerwright.errors import LayerwrightError, SiteError, UserError

MARK = "it is mine"


def refused(file: Path) -> LayerwrightError:
    with pytest.raises(LayerwrightError) as caught:
        check_place(file, MARK, option="--html", words="a page that `layerwright explain --html` wrote")
    return caught.value


def test_a_page_is_written_for_everyone_to_read(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    before = os.umask(0o077)
    try:
        write_document(file, "naïve \udcff", option="--html")
    finally:
        os.umask(before)
    assert file.read_text() == "naïve \\udcff"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("content", [None, "", f"<!doctype html>{MARK}"])
def test_a_new_an_empty_and_an_earlier_page_may_be_written(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "page.html"
    if content is not None:
        file.write_text(content)
    check_place(file, MARK, option="--html", words="a page that `layerwright explain --html` wrote")
    write_document(file, "new", option="--html")
    assert file.read_text() == "new"


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("print()" + " " * 1000 + MARK)
    error = refused(file)
    assert isinstance(error, UserError)
    assert error.summary == (
        f"{file} already exists, and is not a page that `layerwright explain --html` wrote."
    )
    assert error.cause == "Its contents would be lost."
    assert error.remedy == ("Choose another file with --html, or - for standard output.",)
    assert error.reference == "output-not-ours"


def test_a_directory_and_a_device_are_not_replaced(tmp_path: Path) -> None:
    assert refused(tmp_path).summary == f"{tmp_path} is a directory."
    assert refused(Path("/dev/null")).cause == "It is not a regular file."


def test_a_file_that_cannot_be_read_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    file = tmp_path / "page.html"
    file.write_text(MARK)
    monkeypatch.setattr(Path, "open", denied)
    error = refused(file)
    assert isinstance(error, SiteError)
    assert error.cause == f"Permission denied: {file}"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.html").symlink_to("page.html")
    write_document(tmp_path / "link.html", "new", option="--html")
    assert (tmp_path / "link.html").is_symlink()
    assert (tmp_path / "page.html").read_text() == "new"


def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        write_document(tmp_path / "nowhere" / "page.html", "new", option="--html")
    assert caught.value.summary == f"{tmp_path}/nowhere/page.html cannot be written."
    assert caught.value.cause == f"No such file or directory: {tmp_path}/nowhere"
    assert caught.value.reference == "output-not-writable"


def test_an_old_page_stays_if_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "page.html"
    file.write_text(MARK)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SiteError, match="cannot be written"):
        write_document(file, "new", option="--html")
    assert file.read_text() == MARK
    assert list(tmp_path.iterdir()) == [file]
