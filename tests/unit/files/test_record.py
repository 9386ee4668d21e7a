from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.files.digests import of_directory
from layerwright.files.record import remove_record, write_record

if TYPE_CHECKING:
    from pathlib import Path


def test_the_record_is_replaced_and_git_ignores_its_directory(tmp_path: Path) -> None:
    write_record(tmp_path, "one")
    os.link(tmp_path / ".layerwright" / "build.json", tmp_path / "other")
    write_record(tmp_path, "two")
    files = {path.name: path.read_text() for path in (tmp_path / ".layerwright").iterdir()}
    assert files == {"build.json": "two", ".gitignore": "*\n"}
    assert (tmp_path / "other").read_text() == "one"


def test_a_gitignore_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / ".layerwright").mkdir()
    (tmp_path / ".layerwright" / ".gitignore").write_text("build.json\n")
    write_record(tmp_path, "one")
    assert (tmp_path / ".layerwright" / ".gitignore").read_text() == "build.json\n"


def test_the_record_is_no_input_of_the_application(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").touch()
    before = of_directory(tmp_path / "app").digest()
    write_record(tmp_path / "app", "one")
    assert of_directory(tmp_path / "app").digest() == before


@pytest.mark.parametrize("kind", ["absent", "file", "link", "directory"])
def test_where_it_cannot_be_written_there_is_none_and_nothing_else_changes(tmp_path: Path, kind: str) -> None:
    app, elsewhere = tmp_path / "app", tmp_path / "elsewhere"
    elsewhere.mkdir()
    if kind != "absent":
        app.mkdir()
    if kind == "file":
        (app / ".layerwright").touch()
    elif kind == "link":
        (app / ".layerwright").symlink_to(elsewhere)
    elif kind == "directory":
        (app / ".layerwright" / "build.json").mkdir(parents=True)
    write_record(app, "one")
    assert list(elsewhere.iterdir()) == []
    assert not (app / ".layerwright" / "build.json").is_file()
    remove_record(app)
    assert list(elsewhere.iterdir()) == []


def test_it_is_removed_where_it_is_no_part_of_an_image_and_nothing_else_is(tmp_path: Path) -> None:
    remove_record(tmp_path)
    write_record(tmp_path, "one")
    remove_record(tmp_path)
    assert list(tmp_path.iterdir()) == []
    write_record(tmp_path, "one")
    (tmp_path / ".layerwright" / "notes").touch()
    remove_record(tmp_path)
    assert [path.name for path in (tmp_path / ".layerwright").iterdir()] == ["notes"]
