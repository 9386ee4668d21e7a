"""Trees go whole, whatever their modes, and nothing that a link points to goes with them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Return a directory that must be left alone."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    return outside


@pytest.mark.parametrize("mode", [0o555, 0o300, 0o000])
def test_a_protected_tree_can_be_removed(as_an_ordinary_user: Path, mode: int) -> None:
    tree = as_an_ordinary_user / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "file").touch(mode=0o400)
    for directory in (tree / "a" / "b", tree / "a", tree):
        directory.chmod(mode)

    remove_tree(tree)

    assert not tree.exists()


def test_the_target_of_a_symlink_is_not_removed(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "link").symlink_to(outside)
    (tmp_path / "tree" / "dangling").symlink_to("absent")

    remove_tree(tmp_path / "tree")

    assert not (tmp_path / "tree").exists()
    assert (outside / "file").exists()


@pytest.mark.parametrize("kind", ["file", "link to a directory", "pipe"])
def test_what_is_no_directory_is_removed_alone(tmp_path: Path, outside: Path, kind: str) -> None:
    path = tmp_path / "path"
    if kind == "file":
        path.touch()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(outside)

    remove_tree(path)

    assert not os.path.lexists(path)
    assert (outside / "file").exists()


def test_a_directory_that_is_swapped_for_a_link_is_not_followed(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tree" / "inner").mkdir(parents=True)
    scandir = os.scandir

    def swapping(directory: int) -> object:
        found = scandir(directory)
        if (tmp_path / "tree" / "inner").is_dir():
            entries = list(found)
            (tmp_path / "tree" / "inner").rmdir()
            (tmp_path / "tree" / "inner").symlink_to(outside)
            return Entries(entries)
        return found

    monkeypatch.setattr(os, "scandir", swapping)
    remove_tree(tmp_path / "tree")

    assert not (tmp_path / "tree").exists()
    assert (outside / "file").exists()


class Entries:
    """What ``os.scandir`` returned before the directory was swapped."""

    def __init__(self, entries: list[os.DirEntry[str]]) -> None:
        self._entries = entries

    def __enter__(self) -> list[os.DirEntry[str]]:
        return self._entries

    def __exit__(self, *_: object) -> None:
        pass


def test_a_tree_that_is_deeper_than_any_stack_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    directory = os.open(tmp_path / "tree", os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("deeper", dir_fd=directory)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=directory))
        inner = os.open("deeper", os.O_RDONLY, dir_fd=directory)
        os.fchmod(directory, 0o500)
        os.close(directory)
        directory = inner
    os.close(directory)

    remove_tree(tmp_path / "tree")

    assert not (tmp_path / "tree").exists()


def test_what_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        remove_tree(tmp_path / "absent")
