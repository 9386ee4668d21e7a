"""One walk finds everything that is in a tree, and follows no link."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.files.trees.tree import is_folder, refreshed, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright.files.trees.tree import Tree


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("package/module.py", "package/__pycache__/module.cpython-313.pyc", "b/c/data"):
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(name)
    (tmp_path / "tree" / "link").symlink_to("package")
    return tmp_path / "tree"


def test_every_entry_has_its_status(place: Path) -> None:
    folders = tree_of(place).folders
    found = {folder + name: one for folder, entries in folders.items() for name, one in entries.items()}
    assert found == {str(path.relative_to(place)): path.lstat() for path in place.rglob("*")}
    assert sorted(name for name, status in found.items() if is_folder(status)) == [
        "b",
        "b/c",
        "package",
        "package/__pycache__",
    ]


def test_outer_directories_come_first(place: Path) -> None:
    folders = list(tree_of(place).folders)
    assert sorted(folders) == ["", "b/", "b/c/", "package/", "package/__pycache__/"]
    assert folders[0] == ""
    assert folders.index("b/") < folders.index("b/c/")


def test_a_file_is_a_tree_without_directories(place: Path) -> None:
    file = place / "package" / "module.py"
    assert tree_of(file).folders == {}
    assert tree_of(file).status == file.stat()


def test_where_nothing_is_there_is_no_tree(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tree_of(tmp_path / "absent")


def test_a_directory_that_cannot_be_read_is_empty(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: str, flags: int) -> int:
        if path.endswith("/package/"):
            raise PermissionError(path)
        return opened(path, flags)

    opened = os.open
    monkeypatch.setattr(os, "open", refused)
    tree = tree_of(place)
    assert tree.folders["package/"] == {}
    assert "data" in tree.folders["b/c/"]


def test_what_is_removed_during_the_walk_is_left_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Scan(list["os.DirEntry[str]"]):
        """The entries of a directory, of which the files are removed before anybody looks at them."""

        def __enter__(self) -> Scan:
            for entry in self:
                if entry.name == "data":
                    (place / "b" / "c" / "data").unlink()
            return self

        def __exit__(self, *_error: object) -> None:
            pass

    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda descriptor: Scan(scandir(descriptor)))
    tree = tree_of(place)
    assert tree.folders["b/c/"] == {}
    assert "module.py" in tree.folders["package/"]


@pytest.fixture
def old(place: Path) -> Tree:
    """The tree at *place*, walked long after its last change."""
    found = tree_of(place)
    return found._replace(begun=found.begun + 10**10)


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _place: None,
    "a new file": lambda place: (place / "b" / "c" / "new").touch(),
    "a new directory": lambda place: (place / "package" / "new" / "inner").mkdir(parents=True),
    "a file less": lambda place: (place / "b" / "c" / "data").unlink(),
    "a directory less": lambda place: shutil.rmtree(place / "b" / "c"),
    "a file in place of a directory": lambda place: (shutil.rmtree(place / "b"), (place / "b").touch()),
    "a directory in place of a link": lambda place: ((place / "link").unlink(), (place / "link").mkdir()),
    "another directory": lambda place: (
        (place / "b").rename(place / "d"),
        (place / "package").rename(place / "b"),
    ),
    "a file that was replaced": lambda place: (place / "b" / "c" / "data").replace(
        place / "package" / "module.py"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_tree_is_refreshed_by_looking_at_what_was_changed(place: Path, old: Tree, change: str) -> None:
    CHANGES[change](place)
    now, walked = refreshed(old), tree_of(place)
    assert now.folders == walked.folders
    assert now.status == walked.status
    assert now.begun <= walked.begun


def test_directories_that_were_not_changed_are_not_listed_again(place: Path, old: Tree) -> None:
    """A file that was edited in place is as it was, which shows that nothing looks."""
    (place / "b" / "c" / "data").write_text("edited in place")
    (place / "package" / "new").touch()
    now = refreshed(old)
    assert now.folders["b/c/"] is old.folders["b/c/"]
    assert "new" in now.folders["package/"]


def test_other_directories_of_the_root_can_be_left_as_they_were(place: Path, old: Tree) -> None:
    for name in ("b/c/new", "package/new", "new", "more/new"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).touch()
    now = refreshed(old, only=["b", "absent"])
    assert {*now.folders["b/c/"], *now.folders[""], *now.folders["more/"]} >= {"data", "new", "more"}
    assert now.folders["package/"] is old.folders["package/"]
    assert now.folders[""]["package"] == old.folders[""]["package"]
    assert now.folders.keys() == {*old.folders, "more/"}


def test_what_was_changed_shortly_before_the_walk_is_listed_again(place: Path) -> None:
    """Within a tick of the clock, a change after the walk has the same time."""
    tree = tree_of(place)
    (place / "b" / "c" / "data").write_text("edited in place")
    assert refreshed(tree).folders["b/c/"]["data"].st_size == len("edited in place")


def test_a_directory_that_goes_away_meanwhile_is_left_out(
    place: Path, old: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(path: Any, **options: Any) -> os.stat_result:
        if str(path).endswith("/b/c"):
            monkeypatch.undo()
            shutil.rmtree(place / "b" / "c")
            raise FileNotFoundError(path)
        return status(path, **options)

    status = os.stat
    monkeypatch.setattr(os, "stat", gone)
    assert "b/c/" not in refreshed(old).folders
