"""A second copy of a layer, by hard links, follows what becomes of the layer."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layerwright.files.removal import remove_tree
from layerwright.files.trees.linking import follow_tree, hard_link, link_or_copy, link_tree
from layerwright.files.trees.tree import tree_of
from layerwright.local.snapshots import Snapshots
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Longer than a tick of the clock for the times of files.
TICK = 0.02
NAMES = st.sampled_from(["a", "b", "c"])
FILES = st.sampled_from(["file 1", "file 2", "link to a", "link to b"])
TREES = st.recursive(FILES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=8)
LAYERS = st.dictionaries(NAMES, TREES, max_size=3)


def remove(path: Path) -> None:
    if path.exists():
        remove_tree(path)


def make(path: Path, content: object) -> None:
    if isinstance(content, dict):
        path.mkdir()
        for name, inner in content.items():
            make(path / name, inner)
    elif str(content).startswith("link"):
        path.symlink_to(str(content)[-1])
    else:
        path.write_text(str(content))


def change(path: Path, before: object, after: object) -> None:
    """Make at *path*, where *before* is, what *after* says; what is equal stays the same file."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {*before, *after}:
            change(path / name, before.get(name), after.get(name))
    elif before != after:
        if before is not None:
            remove_tree(path)
        if after is not None:
            make(path, after)


@settings(max_examples=80)
@given(before=LAYERS, after=LAYERS)
def test_the_snapshot_is_what_the_layer_became_whatever_it_was(
    before: dict[str, object], after: dict[str, object]
) -> None:
    with TemporaryDirectory() as directory:
        root = Path(directory)
        layer, copy = root / "venv", root / "copy"
        make(layer, before)
        link_tree(str(layer), str(copy))
        change(layer, before, after)

        Snapshots(root / "snapshots", remove).keep(copy, layer, tree_of)

        snapshot = root / "snapshots" / "venv"
        assert difference(tree(layer), tree(snapshot)) == ""
        assert inodes(snapshot) == inodes(layer)
        assert times(snapshot) == times(layer)
        assert not copy.exists()


def inodes(root: Path) -> dict[str, int]:
    return {
        str(p.relative_to(root)): p.lstat().st_ino for p in root.rglob("*") if p.is_symlink() or p.is_file()
    }


def times(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.lstat().st_mtime_ns for path in (root, *root.rglob("*"))}


def written(path: Path) -> None:
    path.unlink()
    path.write_text("changed")


@pytest.mark.parametrize(
    "how",
    [
        written,
        lambda path: path.unlink(),
        lambda path: path.with_name("new").touch(),
        lambda path: path.parent.chmod(0o700),
        lambda path: remove_tree(path.parent),
    ],
)
@pytest.mark.parametrize("restored", [False, True], ids=["", "with the old time"])
def test_a_change_below_unchanged_directories_is_in_the_snapshot(
    tmp_path: Path, how: Callable[[Path], object], restored: bool
) -> None:
    """Also where a program gives a directory its old time back."""
    layer, copy = tmp_path / "venv", tmp_path / "copy"
    make(layer, {"a": {"a": {"a": "file 1"}, "b": {"a": "file 1"}}, "b": {"a": "file 1"}})
    link_tree(str(layer), str(copy))
    before = {path: path.stat() for path in layer.rglob("*") if path.is_dir()}
    time.sleep(TICK)
    how(layer / "a" / "a" / "a")
    if restored:
        for path, status in before.items():
            if path.exists():
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    follow_tree(tree_of(layer), str(copy), link=hard_link)
    assert difference(tree(layer), tree(copy)) == ""
    assert inodes(copy) == inodes(layer)
    assert times(copy) == times(layer)


def test_directories_that_were_not_changed_are_not_compared(tmp_path: Path) -> None:
    layer, copy = tmp_path / "venv", tmp_path / "copy"
    make(layer, {"a": {"a": "file 1"}, "b": {"b": {"a": "file 1"}}})
    time.sleep(TICK)
    link_tree(str(layer), str(copy))
    # This is not noticed, which shows that nothing looks.
    (copy / "a" / "a").unlink()
    os.utime(copy / "a", ns=((layer / "a").stat().st_atime_ns, (layer / "a").stat().st_mtime_ns))
    (layer / "b" / "b" / "new").touch()
    follow_tree(tree_of(layer), str(copy), link=hard_link)
    assert not (copy / "a" / "a").exists()
    assert (copy / "b" / "b" / "new").samefile(layer / "b" / "b" / "new")
    link_tree(str(layer), str(copy))
    assert difference(tree(layer), tree(copy)) == ""


def test_a_snapshot_is_taken_once(tmp_path: Path) -> None:
    make(tmp_path / "venv", {"a": "file 1"})
    link_tree(str(tmp_path / "venv"), str(tmp_path / "copy"))
    snapshots = Snapshots(tmp_path / "snapshots", remove)
    assert not snapshots.take("venv", tmp_path / "taken")
    snapshots.keep(tmp_path / "copy", tmp_path / "venv", tree_of)

    assert snapshots.take("venv", tmp_path / "taken")
    assert not snapshots.take("venv", tmp_path / "again")
    assert (tmp_path / "taken" / "a").read_text() == "file 1"


def test_a_snapshot_that_cannot_be_moved_for_want_of_permission_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_source: object, _target: object) -> None:
        raise PermissionError(errno.EACCES, "")

    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(PermissionError):
        Snapshots(tmp_path / "snapshots", remove).take("venv", tmp_path / "taken")


def test_a_snapshot_that_is_forgotten_is_gone(tmp_path: Path) -> None:
    make(tmp_path / "venv", {"a": {"b": "file 1"}})
    link_tree(str(tmp_path / "venv"), str(tmp_path / "copy"))
    snapshots = Snapshots(tmp_path / "snapshots", remove)
    snapshots.keep(tmp_path / "copy", tmp_path / "venv", tree_of)
    for _ in range(2):
        snapshots.forget("venv")
        assert list((tmp_path / "snapshots").iterdir()) == []


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """Return a directory of another file system: no two share a file, so it stands for one without hard links."""
    places = [place for place in (Path("/dev/shm"), Path.cwd(), Path("/var/tmp")) if place.is_dir()]
    other = next((place for place in places if place.stat().st_dev != tmp_path.stat().st_dev), None)
    if other is None:
        pytest.skip("there is only one file system that can be written to")
    with TemporaryDirectory(dir=other) as directory:
        yield Path(directory)


def test_a_file_that_cannot_be_linked_is_copied(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "source").write_text("content")
    link_or_copy(str(tmp_path / "source"), str(elsewhere / "copy"))
    assert (elsewhere / "copy").read_text() == "content"


def test_where_files_cannot_be_linked_there_is_no_snapshot(tmp_path: Path, elsewhere: Path) -> None:
    make(tmp_path / "venv", {"a": "file 1"})
    link_tree(str(tmp_path / "venv"), str(elsewhere / "copy"))
    snapshots = Snapshots(elsewhere / "snapshots", remove)

    snapshots.keep(elsewhere / "copy", tmp_path / "venv", tree_of)

    assert not snapshots.take("venv", elsewhere / "taken")
    assert [path.name for path in elsewhere.iterdir()] == ["copy"]
