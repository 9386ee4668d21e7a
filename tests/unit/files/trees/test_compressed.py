"""A compressed pack and back is the same tree, whatever compressed it, and anything else is an error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees import _blocks, compressed, zstd
from layerwright.files.trees.compressed import unpack_compressed, write_compressed
from layerwright.files.trees.pack import PackError, contents_of
from layerwright.testing.tree import tree
from tests.unit.files.trees.clock import wait_until_later

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
    monkeypatch.setattr(_blocks, "_FILES", 1)
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
    monkeypatch.setattr(zstd, "MODULES", ("compression.of_no_python",))
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


def test_a_machine_with_many_cores_gets_a_few_forks(
    source: Path, tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = write_compressed(source, pack)
    begun: list[int] = []

    def begin(work: Callable[[], int]) -> Callable[[], int]:
        begun.append(work())
        return lambda: begun[0]

    monkeypatch.setattr(compressed, "forked", begin)
    monkeypatch.setattr(compressed, "_WORTH_A_FORK", 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(64)))
    unpack_compressed(pack, tmp_path / "tree", digest)
    assert len(begun) == 3
    assert tree(tmp_path / "tree") == tree(source)


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


class Packed:
    """A tree that was unpacked, and what is packed of it again, with or without the pack that it came from."""

    def __init__(self, source: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_blocks, "_FILES", 1)
        self.root = root
        self.tree = root / "tree"
        self.first = root / "first"
        self.digest = write_compressed(source, self.first)
        self.unpacked = unpack_compressed(self.first, self.tree, self.digest)
        wait_until_later(self.unpacked)
        self._read: list[str] = []

        def read(tree: Path, name: str, size: int) -> bytes:
            self._read.append(name)
            return contents_of(tree, name, size)

        monkeypatch.setattr(compressed, "contents_of", read)

    def read_again(self) -> list[str]:
        """Pack the tree again; return the names of the files that were read."""
        digest = write_compressed(self.tree, self.root / "second", before=self.unpacked)
        found, self._read = self._read, []
        assert digest == write_compressed(self.tree, self.root / "third")
        assert (self.root / "second").read_bytes() == (self.root / "third").read_bytes()
        return found


@pytest.fixture
def packed(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packed:
    return Packed(source, tmp_path, monkeypatch)


def test_nothing_is_read_of_a_tree_that_is_as_it_was_unpacked(packed: Packed) -> None:
    assert packed.read_again() == []


def _edit(tree: Path) -> None:
    (tree / "bin" / "tool").write_text("#!/bin/XX\n")


def _permit(tree: Path) -> None:
    (tree / "bin" / "tool").chmod(0o700)


def _replace(tree: Path) -> None:
    # As an installer does that gives the file the time of the old one.
    file, new = tree / "bin" / "tool", tree / "bin" / "new"
    new.write_text("#!/bin/XX\n")
    new.chmod(0o755)
    os.utime(new, ns=(file.stat().st_mtime_ns,) * 2)
    new.replace(file)


def _set_back(tree: Path) -> None:
    # As tools do that copy a file of another layer with its time.
    _edit(tree)
    os.utime(tree / "bin" / "tool", (IMAGE_TIME, IMAGE_TIME))


def _link(tree: Path) -> None:
    (tree / "bin" / "tool").unlink()
    (tree / "bin" / "tool").symlink_to("tool3")
    (tree / "bin" / "tool3").unlink()
    (tree / "bin" / "tool3").write_text("#!/bin/XX\n")


@pytest.mark.parametrize(
    ("change", "read"),
    [(_edit, "tool"), (_set_back, "tool"), (_permit, "tool"), (_replace, "tool"), (_link, "tool3")],
)
def test_what_has_changed_since_is_read(packed: Packed, change: Callable[[Path], None], read: str) -> None:
    change(packed.tree)
    assert packed.read_again() == [f"bin/{read}"]


@pytest.mark.parametrize("moved", ["", "/inner", "/inner/most"])
def test_files_in_directories_that_have_changed_places_are_read(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: str
) -> None:
    for name in "ab":
        (source / name / "inner" / "most").mkdir(parents=True)
        (source / name / "inner" / "most" / "module.py").write_text(name)
    packed = Packed(source, tmp_path, monkeypatch)
    one, other, aside = packed.tree / f"a{moved}", packed.tree / f"b{moved}", packed.tree / "aside"
    one.rename(aside)
    other.rename(one)
    aside.rename(other)
    assert {"a/inner/most/module.py", "b/inner/most/module.py"} <= {*packed.read_again()}


def test_a_file_that_was_added_or_removed_changes_the_blocks_beside_it_alone(packed: Packed) -> None:
    (packed.tree / "lib" / "nothing").unlink()
    (packed.tree / "bin" / "another").touch()
    assert packed.read_again() == ["bin/another", "bin/tool", "lib/bytes", "lib/link"]


def test_a_tree_whose_pack_is_gone_is_not_packed(packed: Packed) -> None:
    packed.first.unlink()
    with pytest.raises(FileNotFoundError):
        packed.read_again()
