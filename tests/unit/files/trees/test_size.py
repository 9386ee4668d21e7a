from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.files.trees.size import size_in, size_of
from layerwright.files.trees.tree import tree_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_size_is_that_of_all_files_below(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 1000)
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "d").write_bytes(b"x" * 23)
    assert size_of(tmp_path) == size_in(tree_of(tmp_path)) == 1023
    assert size_in(tree_of(tmp_path), without=["b"]) == 1000


def test_no_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "large").write_bytes(b"x" * 100_000)
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "directory").symlink_to(tmp_path / "outside")
    (layer / "file").symlink_to(tmp_path / "outside" / "large")
    (layer / "broken").symlink_to("absent")
    assert size_in(tree_of(layer)) == size_of(layer) < 1000


def test_an_empty_directory_has_no_size(tmp_path: Path) -> None:
    assert size_of(tmp_path) == 0
