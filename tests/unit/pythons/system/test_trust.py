from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.pythons.system._trust import is_trusted

if TYPE_CHECKING:
    from pathlib import Path

SOMEONE = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a" / "b" / "file"
    path.parent.mkdir(parents=True)
    for directory in (path.parent, path.parent.parent):
        directory.chmod(0o755)
    path.touch(mode=0o644)
    return path


def test_a_file_of_our_own_is_trusted_and_one_that_is_missing_is_not(file: Path) -> None:
    assert is_trusted(file)
    assert not is_trusted(file.with_name("absent"))


@pytest.mark.parametrize(
    ("place", "mode", "trusted"),
    [
        (".", 0o664, True),
        (".", 0o646, False),
        ("..", 0o775, True),
        ("..", 0o757, False),
        ("../..", 0o757, False),
        ("../..", 0o1777, True),
        (".", 0o1646, False),
    ],
)
def test_what_others_can_write_to_is_not_trusted(file: Path, place: str, mode: int, trusted: bool) -> None:
    {".": file, "..": file.parent, "../..": file.parent.parent}[place].chmod(mode)
    assert is_trusted(file) is trusted


@as_root
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_belongs_to_someone_else_is_not_trusted(file: Path, depth: int) -> None:
    os.chown((file, *file.parents)[depth], SOMEONE, -1)
    assert not is_trusted(file)


@as_root
def test_the_group_of_others_is_others(file: Path) -> None:
    file.chmod(0o664)
    os.chown(file, -1, SOMEONE)
    assert not is_trusted(file)
    file.chmod(0o644)
    assert is_trusted(file)


def test_a_link_is_no_file(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    assert not is_trusted(link)


def test_the_directories_behind_a_link_count_as_well(file: Path) -> None:
    link = file.parent.parent.parent / "link"
    link.symlink_to(file.parent)
    assert is_trusted(link / "file")
    file.parent.parent.chmod(0o777)
    assert not is_trusted(link / "file")


@as_root
def test_a_link_that_someone_else_made_is_not_trusted(file: Path) -> None:
    link = file.parent.parent.parent / "link"
    link.symlink_to(file.parent)
    os.lchown(link, SOMEONE, -1)
    assert not is_trusted(link / "file")
