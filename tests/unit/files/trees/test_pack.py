"""A pack and back is the same tree, and anything else is an error."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees.pack import PackError, unpack, write_pack
from layerwright.testing.tree import tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMAGE_TIME = 315532801


def test_a_tree_comes_back_with_contents_permissions_and_links(source: Path, tmp_path: Path) -> None:
    digest = write_pack(source, tmp_path / "pack")
    umask = os.umask(0o077)
    try:
        unpack(tmp_path / "pack", tmp_path / "tree", digest)
    finally:
        os.umask(umask)
    assert tree(tmp_path / "tree") == tree(source)
    assert digest == hashlib.sha256((tmp_path / "pack").read_bytes()).hexdigest()
    times = {path.stat().st_mtime for path in (tmp_path / "tree").rglob("*") if not path.is_symlink()}
    assert times == {IMAGE_TIME}


def test_equal_trees_have_equal_packs_whatever_their_times_and_links(source: Path, tmp_path: Path) -> None:
    digest = write_pack(source, tmp_path / "pack")
    unpack(tmp_path / "pack", tmp_path / "tree", digest)
    assert write_pack(tmp_path / "tree", tmp_path / "again") == digest
    (tmp_path / "tree" / "lib" / "nothing").chmod(0o600)
    assert write_pack(tmp_path / "tree", tmp_path / "other") != digest


def _cut(pack: Path) -> None:
    pack.write_bytes(pack.read_bytes()[:-1])


def _longer(pack: Path) -> None:
    pack.write_bytes(pack.read_bytes() + b"\0")


@pytest.mark.parametrize("damage", [_cut, _longer])
def test_a_damaged_pack_is_not_unpacked(source: Path, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    digest = write_pack(source, tmp_path / "pack")
    damage(tmp_path / "pack")
    with pytest.raises(PackError, match="its digest differs"):
        unpack(tmp_path / "pack", tmp_path / "tree", digest)
    assert not (tmp_path / "tree").exists()


def test_a_file_of_another_format_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "pack").write_text("layerwright pack 9\n and what comes later")
    digest = hashlib.sha256((tmp_path / "pack").read_bytes()).hexdigest()
    with pytest.raises(PackError, match="another format"):
        unpack(tmp_path / "pack", tmp_path / "tree", digest)


def test_a_tree_with_a_pipe_is_not_packed(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "lib" / "pipe")
    with pytest.raises(PackError, match="lib/pipe is neither a file nor a directory nor a symbolic link"):
        write_pack(source, tmp_path / "pack")


def test_a_file_that_grows_meanwhile_is_not_packed(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.files.trees.pack._content", lambda _path: b"more than there was before")
    with pytest.raises(PackError, match="is being written to"):
        write_pack(source, tmp_path / "pack")
