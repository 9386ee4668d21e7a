"""A compressed pack and back is the same tree, whatever compressed it, and anything else is an error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees import compressed
from layerwright.files.trees.compressed import unpack_compressed, write_compressed
from layerwright.files.trees.pack import PackError
from layerwright.testing.tree import tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMAGE_TIME = 315532801


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return tmp_path / "pack"


@pytest.fixture(params=["one process", "several", "forks that fail", "forks that cannot begin"])
def at_work(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks: each way must lead to the same tree."""
    if request.param == "one process":
        return
    monkeypatch.setattr(compressed, "_WORTH_A_FORK", 1)
    monkeypatch.setattr(compressed, "_FILES", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(3)))

    def fails(work: Callable[[], int]) -> Callable[[], int | None]:
        work()
        return lambda: None

    if request.param == "forks that fail":
        monkeypatch.setattr(compressed, "forked", fails)
    elif request.param == "forks that cannot begin":
        monkeypatch.setattr(compressed, "forked", lambda _work: lambda: None)


@pytest.mark.usefixtures("at_work")
def test_a_tree_comes_back_with_contents_permissions_and_links(
    source: Path, tmp_path: Path, pack: Path
) -> None:
    digest = write_compressed(source, pack)
    unpack_compressed(pack, tmp_path / "tree", digest)
    assert tree(tmp_path / "tree") == tree(source)
    times = {path.stat().st_mtime for path in (tmp_path / "tree").rglob("*") if not path.is_symlink()}
    assert times == {IMAGE_TIME}
    assert pack.stat().st_size < 50_000


def test_equal_trees_have_equal_packs(source: Path, tmp_path: Path, pack: Path) -> None:
    digest = write_compressed(source, pack)
    unpack_compressed(pack, tmp_path / "tree", digest)
    assert write_compressed(tmp_path / "tree", tmp_path / "again") == digest
    assert (tmp_path / "again").read_bytes() == pack.read_bytes()


@pytest.mark.parametrize("name", ["lib/nothing", "bin/tool", "empty"])
def test_other_permissions_make_another_digest(source: Path, pack: Path, name: str) -> None:
    digest = write_compressed(source, pack)
    (source / name).chmod(0o700)
    assert write_compressed(source, pack) != digest


def test_the_digest_is_that_of_the_contents_whether_they_are_compressed_or_not(
    source: Path, tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = write_compressed(source, pack)
    monkeypatch.setattr(compressed, "_MODULES", ("compression.of_no_python",))
    with pytest.raises(PackError, match="cannot read zstd"):
        unpack_compressed(pack, tmp_path / "other", digest)
    assert write_compressed(source, pack) == digest
    unpack_compressed(pack, tmp_path / "tree", digest)
    assert tree(tmp_path / "tree") == tree(source)


def test_a_tree_that_is_bigger_than_what_waits_in_memory_comes_back(tmp_path: Path, pack: Path) -> None:
    (tmp_path / "source").mkdir()
    for number in range(12):
        (tmp_path / "source" / f"{number}.bin").write_bytes(bytes([number]) * (3 << 20))
    unpack_compressed(pack, tmp_path / "tree", write_compressed(tmp_path / "source", pack))
    assert tree(tmp_path / "tree") == tree(tmp_path / "source")


def test_an_empty_tree_comes_back(tmp_path: Path, pack: Path) -> None:
    (tmp_path / "source").mkdir()
    unpack_compressed(pack, tmp_path / "tree", write_compressed(tmp_path / "source", pack))
    assert list((tmp_path / "tree").iterdir()) == []


def test_a_pack_with_one_byte_changed_anywhere_is_not_unpacked(
    source: Path, tmp_path: Path, pack: Path
) -> None:
    digest = write_compressed(source, pack)
    content = pack.read_bytes()
    for place in (*range(0, len(content), 97), *range(len(content) - 40, len(content))):
        pack.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises((PackError, ValueError)):
            unpack_compressed(pack, tmp_path / f"tree-{place}", digest)


@pytest.mark.parametrize("length", [0, 10, 40, -1])
def test_a_pack_that_was_cut_is_not_unpacked(source: Path, tmp_path: Path, pack: Path, length: int) -> None:
    digest = write_compressed(source, pack)
    pack.write_bytes(pack.read_bytes()[:length])
    with pytest.raises((PackError, ValueError)):
        unpack_compressed(pack, tmp_path / "tree", digest)


def test_the_pack_of_another_tree_is_not_unpacked(source: Path, tmp_path: Path, pack: Path) -> None:
    digest = write_compressed(source, pack)
    write_compressed(source / "lib", pack)
    with pytest.raises(PackError, match="its digest differs"):
        unpack_compressed(pack, tmp_path / "tree", digest)
    assert not (tmp_path / "tree").exists()


def test_a_tree_with_a_pipe_is_not_packed(source: Path, pack: Path) -> None:
    os.mkfifo(source / "lib" / "pipe")
    with pytest.raises(PackError, match="lib/pipe is neither a file nor a directory nor a symbolic link"):
        write_compressed(source, pack)


def test_a_file_that_cannot_be_written_ends_it(
    source: Path, tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = write_compressed(source, pack)

    def full(path: str, _mode: int, _content: object) -> None:
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr(compressed, "restore_file", full)
    with pytest.raises(OSError, match="No space left"):
        unpack_compressed(pack, tmp_path / "tree", digest)
