"""Every change of a tree since it was unpacked is noticed, whatever time a file says that it has."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees.compressed import unpack_compressed, write_compressed
from layerwright.files.trees.pack import TIME
from tests.unit.files.trees.clock import wait_until_later

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright.files.trees.unpacked import Unpacked


@pytest.fixture
def unpacked(source: Path, tmp_path: Path) -> Unpacked:
    found = unpack_compressed(
        tmp_path / "pack", tmp_path / "tree", write_compressed(source, tmp_path / "pack")
    )
    wait_until_later(found)
    return found


def _set_back(tree: Path) -> None:
    (tree / "closed" / "shared").write_text("GROUP")
    os.utime(tree / "closed" / "shared", ns=(TIME, TIME))


def _link(tree: Path) -> None:
    (tree / "lib" / "nothing").unlink()
    os.link(tree / "lib" / "bytes", tree / "lib" / "nothing")


def _replace_by_link(tree: Path) -> None:
    (tree / "bin").rename(tree.parent / "bin")
    (tree / "bin").symlink_to(tree.parent / "bin")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        (lambda _tree: None, True),
        (lambda tree: (tree / "bin" / "tool").read_text(), True),
        (lambda tree: (tree / "new").touch(), False),
        (lambda tree: (tree / "dangling").unlink(), False),
        (lambda tree: (tree / "lib" / "nothing").write_text("something"), False),
        (lambda tree: (tree / "closed").chmod(0o755), False),
        (_set_back, False),
        (_link, False),
        (_replace_by_link, False),
    ],
)
def test_every_change_of_a_tree_is_noticed(
    unpacked: Unpacked, change: Callable[[Path], object], same: bool
) -> None:
    change(unpacked.tree)
    assert unpacked.is_unchanged() is same


def test_an_entry_that_is_gone_is_not_as_it_was(unpacked: Unpacked) -> None:
    assert not unpacked.has(("gone", 0o644, 1))
    assert not unpacked.has(("gone", "target"))


def test_a_directory_is_in_place_with_other_contents_but_not_within_another_one(unpacked: Unpacked) -> None:
    lib, site_packages = "lib", "lib/python3.13/site-packages"
    (unpacked.tree / site_packages / "new.py").touch()
    assert {"", lib, site_packages} < unpacked.folders_in_place()
    (unpacked.tree / lib).rename(unpacked.tree / "old")
    assert not {lib, site_packages} & unpacked.folders_in_place()
    (unpacked.tree / lib).mkdir()
    (unpacked.tree / "old" / "python3.13").rename(unpacked.tree / lib / "python3.13")
    assert not {lib, site_packages} & unpacked.folders_in_place()
