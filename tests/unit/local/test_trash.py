"""What is removed leaves its place at once; only in the trash is it ever half a tree."""

from __future__ import annotations

import errno
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

import pytest

from layerwright.local._trash import Trash

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / "inner").mkdir(parents=True)
    (tmp_path / "tree" / "inner" / "file").write_text("content")
    return tmp_path / "tree"


class DeletesNothing:
    """Stands for a file system on which a tree cannot be deleted, as it belongs to somebody else."""

    def __init__(self) -> None:
        self.asked: list[Path] = []

    def __call__(self, path: Path) -> None:
        self.asked.append(path)
        raise PermissionError


def test_what_is_put_there_is_whole_and_out_of_its_place(tree: Path, tmp_path: Path) -> None:
    trash = Trash(tmp_path / "private" / "trash")
    place = trash.put(tree)
    assert not tree.exists()
    assert (place / "inner" / "file").read_text() == "content"
    trash.empty()
    assert list((tmp_path / "private" / "trash").iterdir()) == []


def test_a_tree_leaves_its_place_before_any_of_it_is_deleted(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = DeletesNothing()
    monkeypatch.setattr("layerwright.local._trash.remove_tree", delete)
    Trash(tmp_path / "trash").remove(tree)
    assert not tree.exists()
    assert (delete.asked[0] / "inner" / "file").exists()


def test_what_cannot_be_deleted_is_in_no_ones_way_and_is_tried_again(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trash = Trash(tmp_path / "trash")
    with monkeypatch.context() as patch:
        patch.setattr("layerwright.local._trash.remove_tree", DeletesNothing())
        for _ in range(2):
            trash.remove(tree)
            trash.empty()
            tree.mkdir()
    assert len(list((tmp_path / "trash").iterdir())) == 2
    trash.empty()
    assert list((tmp_path / "trash").iterdir()) == []


@pytest.mark.parametrize(("number", "stays"), [(errno.EXDEV, False), (errno.EACCES, True)])
def test_only_what_the_file_system_cannot_move_is_deleted_in_its_place(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, stays: bool
) -> None:
    def refused(_source: object, _target: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(OSError, match="Permission denied") if stays else nullcontext():
        Trash(tmp_path / "trash").remove(tree)
    assert tree.exists() is stays


def test_what_is_missing_needs_no_removal(tmp_path: Path) -> None:
    trash = Trash(tmp_path / "trash")
    trash.remove(tmp_path / "absent")
    trash.empty()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):
        trash.put(tmp_path / "absent")
