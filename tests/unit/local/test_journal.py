from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import pytest

from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.files.atomic import write_atomically
from layerwright.files.removal import remove_tree
from layerwright.files.trees.tree import tree_of
from layerwright.local._journal import PRIVATE, Journal
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.tree import Entry

TYPES = LayerTypes(build=True, launch=True, cache=True)


def complete(path: Path, *names: str) -> Journal:
    """Write a complete build of the layers *names*."""
    journal = Journal(path)
    path.mkdir(exist_ok=True)
    for name in names:
        write(journal, name, "1")
    (path / "launch.toml").write_text("processes = []\n")
    return journal


def write(journal: Journal, name: str, content: str) -> None:
    layer = journal.layers.create(name)
    (layer / "file").write_text(content)
    (layer / "link").symlink_to("file")
    journal.layers.write(name, types=TYPES, metadata={"content": content}, env=LayerEnv())


def update(journal: Journal, name: str, content: str) -> None:
    journal.layers.prepare_update(name)
    file = journal.layers.layer_path(name) / "file"
    file.unlink()
    file.write_text(content)


def complete_update(journal: Journal, name: str, content: str) -> None:
    update(journal, name, content)
    journal.layers.write(name, types=TYPES, metadata={"content": content}, env=LayerEnv())
    journal.commit(changed=[name])


def seen(path: Path) -> dict[str, Entry]:
    return {name: entry for name, entry in tree(path).items() if not name.startswith(PRIVATE)}


def private(path: Path) -> set[str]:
    """Return what is kept beside the layers, once nothing is left to be deleted."""
    assert list((path / PRIVATE / "trash").iterdir()) == []
    return {found.name for found in (path / PRIVATE).iterdir()} - {"trash"}


def test_a_layer_that_was_recreated_comes_back_as_it_was(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    before = seen(tmp_path)
    journal.begin()
    write(journal, "venv", "2")
    write_atomically(tmp_path / "launch.toml", "")

    assert journal.roll_back()

    assert difference(before, seen(tmp_path)) == ""
    assert not journal.is_open


def test_a_layer_that_was_changed_in_place_comes_back_as_it_was(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    before = seen(tmp_path)
    journal.begin()
    update(journal, "venv", "2")
    journal.layers.prepare_update("venv")

    journal.roll_back()

    assert difference(before, seen(tmp_path)) == ""


def test_an_update_that_ends_in_a_fresh_layer_comes_back_as_it_was_at_first(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    before = seen(tmp_path)
    journal.begin()
    update(journal, "venv", "2")
    write(journal, "venv", "3")

    journal.roll_back()

    assert difference(before, seen(tmp_path)) == ""


def test_layers_that_are_new_go_and_those_that_were_dropped_come_back(tmp_path: Path) -> None:
    journal = complete(tmp_path, "absent-tools", "venv")
    before = seen(tmp_path)
    journal.begin()
    write(journal, "tool-new", "1")
    journal.layers.discard("absent-tools")

    journal.roll_back()

    assert difference(before, seen(tmp_path)) == ""


def test_what_was_downloaded_stays_whatever_became_of_the_build(tmp_path: Path) -> None:
    journal = complete(tmp_path, "cache-pip", "venv")
    journal.begin()
    (tmp_path / "cache-pip" / "download").write_text("much")
    write(journal, "cache-other", "1")

    journal.roll_back()

    assert (tmp_path / "cache-pip" / "download").exists()
    assert (tmp_path / "cache-other" / "file").exists()


def test_a_cache_that_is_recreated_is_not_kept(tmp_path: Path) -> None:
    journal = complete(tmp_path, "cache-pip")
    journal.begin()

    journal.layers.discard("cache-pip")

    assert list((tmp_path / PRIVATE).rglob("file")) == []


def test_what_is_none_of_our_layers_is_left_alone(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    (tmp_path / "strangers").mkdir()
    (tmp_path / "pyproject.toml").write_text("before")
    journal.begin()
    write(journal, "venv", "2")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").touch()
    (tmp_path / "pyproject.toml").write_text("edited meanwhile")

    assert journal.roll_back()

    assert (tmp_path / "src" / "main.py").exists()
    assert (tmp_path / "strangers").is_dir()
    assert (tmp_path / "pyproject.toml").read_text() == "edited meanwhile"
    journal.begin()
    journal.commit(changed={"venv"})
    assert {path.name for path in (tmp_path / PRIVATE / "seals").iterdir()} == {"python", "venv"}


def test_after_a_commit_there_is_nothing_to_come_back_to(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    journal.begin()
    write(journal, "venv", "2")

    journal.commit()

    assert not journal.roll_back()
    assert (tmp_path / "venv" / "file").read_text() == "2"
    assert private(tmp_path) == {"manifests", "seals"}


def test_what_is_complete_is_compared_with_what_it_was_then(tmp_path: Path) -> None:
    journal = complete(tmp_path, "cache-pip", "python", "venv")
    journal.commit()
    for name in ("cache-pip", "python", "venv"):
        write_later(tmp_path / name / "file")

    again = Journal(tmp_path)
    assert {name: again.layers.restored(name).altered for name in again.layers.names()} == {
        "cache-pip": (),
        "python": ("file",),
        "venv": ("file",),
    }
    again.commit(changed=["venv"])
    assert Journal(tmp_path).layers.restored("venv").altered == ()
    assert Journal(tmp_path).layers.restored("python").altered == ("file",)


def test_a_layer_that_is_made_again_is_what_its_new_build_left(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    journal.commit()
    journal.begin()
    update(journal, "venv", "2")
    write(journal, "python", "2")
    journal.commit()
    assert [Journal(tmp_path).layers.restored(name).altered for name in ("python", "venv")] == [(), ()]


def test_another_environment_for_a_layer_is_no_alteration_of_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for value in ("1", "2"):
        journal.begin()
        (tmp_path / "venv").mkdir(exist_ok=True)
        env = LayerEnv().override("VALUE", value)
        journal.layers.write("venv", types=TYPES, metadata={}, env=env)
        journal.commit()
        assert Journal(tmp_path).layers.restored("venv").altered == ()
        assert (tmp_path / "venv" / "env" / "VALUE.override").read_text() == value


def test_what_is_brought_back_is_not_taken_for_altered(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "tool-pip", "venv")
    journal.commit()
    journal.begin()
    update(journal, "venv", "2")
    write(journal, "python", "2")
    journal.roll_back()
    names = ("python", "tool-pip", "venv")
    assert [Journal(tmp_path).layers.restored(name).altered for name in names] == [(), (), ()]


def write_later(file: Path) -> None:
    """Write into *file* as if the clock had gone on."""
    file.write_text("changed")
    os.utime(file, (1, 1))


def test_of_a_layer_that_was_removed_nothing_is_left_half_made(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    remove_tree(tmp_path / "venv")
    journal.begin()
    write(journal, "venv", "2")
    (tmp_path / "venv.toml").unlink()

    Journal(tmp_path).roll_back()

    assert not (tmp_path / "venv").exists()
    assert (tmp_path / "python.toml").exists()


def test_a_first_build_has_nothing_to_come_back_to(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin()
    write(journal, "venv", "1")

    assert not journal.is_open
    journal.commit()

    assert not journal.roll_back()
    assert (tmp_path / "venv" / "file").read_text() == "1"


@pytest.mark.parametrize("step", range(6))
def test_a_roll_back_that_is_killed_can_be_done_again(tmp_path: Path, step: int) -> None:
    journal = complete(tmp_path, "python", "tool-pip", "venv")
    before = seen(tmp_path)
    journal.begin()
    write(journal, "python", "2")
    update(journal, "venv", "2")
    write(journal, "tool-new", "1")
    journal.layers.discard("tool-pip")

    # As far as a roll-back that was killed has come: some entries are back, and some are not.
    for entry in sorted(p for p in (tmp_path / PRIVATE / "aside").iterdir() if p.name != "names")[:step]:
        target = tmp_path / entry.name
        if target.is_dir():
            for path in sorted(target.rglob("*"), reverse=True):
                path.unlink()
            target.rmdir()
        entry.rename(target)

    assert Journal(tmp_path).roll_back()
    assert difference(before, seen(tmp_path)) == ""


def test_what_a_killed_build_left_half_written_in_the_journal_is_cleared(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    for name in ("aside.new", "trash/rest"):
        (tmp_path / PRIVATE / name).mkdir(parents=True)
        (tmp_path / PRIVATE / name / "file").write_text("")
    journal.begin()
    (tmp_path / PRIVATE / "aside" / ".venv").mkdir()
    (tmp_path / PRIVATE / "aside" / ".venv" / "rest").write_text("")
    before = tree(tmp_path / "venv")

    update(journal, "venv", "2")
    journal.roll_back()

    assert tree(tmp_path / "venv") == before
    assert private(tmp_path) == set()


def test_files_that_are_kept_take_no_space(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    journal.begin()
    journal.layers.prepare_update("venv")

    aside = tmp_path / PRIVATE / "aside" / "venv" / "file"
    assert aside.stat().st_ino == (tmp_path / "venv" / "file").stat().st_ino


def test_what_an_update_preserved_is_there_for_the_next_one(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    journal.commit()
    for content in ("2", "3"):
        journal.begin()
        complete_update(journal, "venv", content)
    snapshot = tmp_path / PRIVATE / "snapshots" / "venv"
    assert difference(tree(tmp_path / "venv"), tree(snapshot)) == ""
    before, inode = seen(tmp_path), snapshot.stat().st_ino

    again = Journal(tmp_path)
    again.begin()
    update(again, "venv", "4")
    assert (tmp_path / PRIVATE / "aside" / "venv").stat().st_ino == inode
    again.roll_back()

    assert difference(before, seen(tmp_path)) == ""
    assert not snapshot.exists()


def test_an_update_gets_the_state_of_the_layer(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    assert journal.layers.prepare_update("venv") is None
    journal = complete(tmp_path, "venv")
    journal.begin()
    before = journal.layers.prepare_update("venv")
    assert before is not None
    assert difference(tree(before), tree(tmp_path / "venv")) == ""
    assert journal.layers.prepare_update("venv") == before


@pytest.mark.parametrize(
    "change", ["made afresh", "dropped", "changed late", "taken away", "changed by a stranger"]
)
def test_a_snapshot_that_is_not_the_layer_any_more_is_not_believed(tmp_path: Path, change: str) -> None:
    journal = complete(tmp_path, "venv")
    journal.commit()
    journal.begin()
    complete_update(journal, "venv", "2")
    snapshot = tmp_path / PRIVATE / "snapshots" / "venv"
    assert snapshot.is_dir()

    journal.begin()
    if change == "made afresh":
        write(journal, "venv", "3")
    elif change == "dropped":
        journal.layers.discard("venv")
    elif change == "taken away":
        remove_tree(tmp_path / "venv")
        write(journal, "venv", "3")
    else:
        (tmp_path / "venv" / "file").unlink()
        (tmp_path / "venv" / "file").write_text("3")
    if change == "changed by a stranger":
        (tmp_path / PRIVATE / "seals" / "venv").unlink()
        before = tree(tmp_path / "venv")
        journal.layers.prepare_update("venv")
        (tmp_path / "venv" / "file").unlink()
        journal.roll_back()
        assert difference(before, tree(tmp_path / "venv")) == ""
    else:
        journal.commit(changed=["venv"])
        assert not snapshot.exists()


def test_an_update_that_ends_in_a_fresh_layer_leaves_no_snapshot(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    journal.begin()
    update(journal, "venv", "2")
    write(journal, "venv", "3")
    journal.commit(changed=["venv"])
    assert private(tmp_path) == {"manifests", "seals"}


# A log that is not whole


@pytest.mark.parametrize("content", [None, b"", b"python\nvenv", bytes(40), b"layerwright undo log 3\0+venv"])
def test_a_log_that_is_not_whole_is_none(tmp_path: Path, content: bytes | None) -> None:
    complete(tmp_path, "python", "venv")
    before = seen(tmp_path)
    aside = tmp_path / PRIVATE / "aside"
    aside.mkdir(parents=True)
    if content is not None:
        (aside / "names").write_bytes(content)

    assert not Journal(tmp_path).roll_back()

    assert difference(before, seen(tmp_path)) == ""
    assert private(tmp_path) == set()


def test_a_log_that_is_no_directory_is_none(tmp_path: Path) -> None:
    complete(tmp_path, "venv")
    (tmp_path / PRIVATE).mkdir()
    (tmp_path / PRIVATE / "aside").touch()

    assert not Journal(tmp_path).roll_back()

    assert private(tmp_path) == set()
    assert (tmp_path / "venv.toml").exists()


def test_a_record_that_was_missing_does_not_come_with_the_old_contents(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    (tmp_path / "venv.toml").unlink()
    journal.begin()
    write(journal, "venv", "2")

    Journal(tmp_path).roll_back()

    assert (tmp_path / "venv" / "file").read_text() == "1"
    assert not (tmp_path / "venv.toml").exists()


def test_a_new_layer_that_was_made_twice_does_not_come_back(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    before = seen(tmp_path)
    journal.begin()
    write(journal, "tool-new", "1")
    write(journal, "tool-new", "2")

    Journal(tmp_path).roll_back()

    assert difference(before, seen(tmp_path)) == ""


def test_a_list_of_processes_that_cannot_be_linked_comes_back_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = complete(tmp_path, "venv")
    before = seen(tmp_path)
    monkeypatch.setattr(os, "link", refused)
    journal.begin()
    write_atomically(tmp_path / "launch.toml", "")

    journal.roll_back()

    assert difference(before, seen(tmp_path)) == ""


def refused(*_: object, **__: object) -> None:
    raise PermissionError


def test_a_copy_is_on_the_disk_before_the_layer_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = complete(tmp_path, "venv")
    journal.begin()
    monkeypatch.setattr(os, "link", refused)
    synced: list[bool] = []
    monkeypatch.setattr(
        "layerwright.local._journal.sync_file_system",
        lambda _path: synced.append((tmp_path / PRIVATE / "aside" / ".venv" / "file").exists()),
    )

    journal.layers.prepare_update("venv")

    assert synced == [True]
    assert (tmp_path / PRIVATE / "aside" / "venv" / "file").read_text() == "1"


def test_a_snapshot_without_a_seal_is_replaced(tmp_path: Path) -> None:
    """As a kill leaves it that comes after the snapshot was kept and before the seal was written."""
    journal = complete(tmp_path, "venv")
    journal.commit()
    journal.begin()
    complete_update(journal, "venv", "2")
    (tmp_path / PRIVATE / "seals" / "venv").unlink()

    again = Journal(tmp_path)
    again.begin()
    complete_update(again, "venv", "3")

    snapshot = tmp_path / PRIVATE / "snapshots" / "venv"
    assert difference(tree(tmp_path / "venv"), tree(snapshot)) == ""


def test_what_a_build_has_looked_at_is_recorded_with_its_environment_files(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    journal.commit()
    journal.begin()
    journal.layers.prepare_update("venv")
    (tmp_path / "venv" / "file").unlink()
    (tmp_path / "venv" / "other").write_text("2")
    looked_at = tree_of(tmp_path / "venv")
    env = LayerEnv().override("A", "1")
    journal.layers.write("venv", types=TYPES, metadata={"content": "2"}, env=env)

    journal.commit(changed=["venv"], trees={"venv": looked_at})

    assert found(journal) == {"launch.toml": (), "venv": ()}
    assert Journal(tmp_path).layers.restored("venv").altered == ()
    assert difference(tree(tmp_path / "venv"), tree(tmp_path / PRIVATE / "snapshots" / "venv")) == ""
    (tmp_path / "venv" / "env" / "A.override").unlink()
    assert Journal(tmp_path).layers.restored("venv").altered == ("env",)


# What verify finds


def found(journal: Journal) -> dict[str, tuple[str, ...] | None]:
    """Return the differences of each layer and of launch.toml; ``None`` where nothing was recorded."""
    return {one.name: None if one.entries is None else one.differences for one in journal.verify()}


def test_what_a_build_leaves_is_recorded_but_the_download_cache(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv", "cache-pip")
    assert found(journal) == {"launch.toml": None, "venv": None}

    journal.commit()

    assert found(journal) == {"launch.toml": (), "venv": ()}
    os.truncate(tmp_path / "launch.toml", 1)
    (tmp_path / "venv" / "file").write_text("edited")
    assert found(journal) == {
        "launch.toml": ("launch.toml has other content",),
        "venv": ("venv/file has other content",),
    }


def test_what_an_update_and_a_new_record_leave_is_recorded(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    journal.commit()
    journal.begin()
    journal.layers.write("python", types=TYPES, metadata={"content": "2"}, env=LayerEnv())
    complete_update(journal, "venv", "2")

    assert found(journal) == {"launch.toml": (), "python": (), "venv": ()}


def test_after_a_roll_back_what_was_recorded_still_holds(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "venv")
    journal.commit()
    journal.begin()
    update(journal, "venv", "2")
    write(journal, "python", "2")
    journal.roll_back()

    assert found(journal) == {"launch.toml": (), "python": (), "venv": ()}


def test_data_that_was_edited_before_an_update_is_still_found_after_it(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    data = tmp_path / "venv" / "data.txt"
    data.write_text("one")
    journal.commit()
    data.write_text("two")
    journal.begin()
    complete_update(journal, "venv", "2")

    assert found(journal)["venv"] == ("venv/data.txt has other content",)


def test_a_layer_that_was_dropped_is_missed_no_more(tmp_path: Path) -> None:
    journal = complete(tmp_path, "tool-pip", "venv")
    journal.commit()
    journal.begin()
    journal.layers.discard("tool-pip")
    journal.commit()

    assert found(journal) == {"launch.toml": (), "venv": ()}


def test_a_layer_that_was_removed_is_missed(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    journal.commit()
    remove_tree(tmp_path / "venv")
    (tmp_path / "venv.toml").unlink()

    assert found(journal)["venv"] == ("venv is missing", "venv.toml is missing")


def test_what_a_killed_build_left_of_records_is_removed_and_nothing_of_a_strangers(tmp_path: Path) -> None:
    journal = complete(tmp_path, "venv")
    ours = [".venv.toml.tmp", ".tool-gone.toml.tmp", ".cache-gone.toml.tmp", ".launch.toml.tmp"]
    for name in (*ours, ".strangers.toml.tmp"):
        (tmp_path / name).touch()

    journal.begin()

    assert [path.name for path in tmp_path.glob(".*.tmp")] == [".strangers.toml.tmp"]


# A file system that cannot move directories


class Overlay:
    """Stands for overlayfs: a directory that came with a lower layer of the image stays where it is."""

    def __init__(self, *lower: Path) -> None:
        self._rename = os.rename
        self._lower = {(path, path.stat().st_ino) for path in lower}

    def rename(self, source: Path, target: Path) -> None:
        if (source, source.stat().st_ino) in self._lower:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))
        self._rename(source, target)


@pytest.mark.parametrize("outcome", ["complete", "rolled back"])
def test_a_layer_that_cannot_be_moved_is_linked_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    journal = complete(tmp_path, "cache-pip", "python", "venv")
    journal.commit()
    journal.begin()
    complete_update(journal, "venv", "2")
    before = seen(tmp_path)
    places = ("cache-pip", "python", "venv", f"{PRIVATE}/snapshots/venv")
    monkeypatch.setattr(os, "rename", Overlay(*(tmp_path / place for place in places)).rename)

    again = Journal(tmp_path)
    again.begin()
    again.layers.discard("cache-pip")
    write(again, "python", "2")
    update(again, "venv", "3")
    if outcome == "complete":
        again.layers.write("venv", types=TYPES, metadata={"content": "3"}, env=LayerEnv())
        again.commit(changed=["python", "venv"])
        assert [(tmp_path / name / "file").read_text() for name in ("python", "venv")] == ["2", "3"]
    else:
        Journal(tmp_path).roll_back()
        assert difference({n: e for n, e in before.items() if "cache-pip" not in n}, seen(tmp_path)) == ""
    assert private(tmp_path) - {"seals", "manifests", "snapshots"} == set()
    assert not (tmp_path / "cache-pip").exists()


def test_what_cannot_be_moved_for_another_reason_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = complete(tmp_path, "venv")
    journal.begin()
    monkeypatch.setattr(os, "rename", refused)
    with pytest.raises(PermissionError):
        journal.layers.discard("venv")


@pytest.mark.parametrize("changes", [True, False])
def test_only_a_build_that_replaced_something_waits_for_the_disk_at_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: bool
) -> None:
    journal = complete(tmp_path, "venv")
    journal.commit()
    journal.begin()
    if changes:
        write(journal, "venv", "2")
    synced: list[Path] = []
    monkeypatch.setattr("layerwright.local._journal.sync_directory", synced.append)

    journal.commit()

    assert synced == ([tmp_path / PRIVATE] if changes else [])


def test_bills_of_materials_of_an_interrupted_build_are_undone_with_it(tmp_path: Path) -> None:
    journal = complete(tmp_path, "python", "tool-pip", "venv")
    journal.layers.write_sboms("python", {"cdx": b"old"})
    journal.commit()
    journal.begin()
    for name in ("python", "tool-pip"):
        write(journal, name, "2")
        journal.layers.write_sboms(name, {"cdx": b"new"})
    # This layer is unchanged, and had none.
    journal.layers.write_sboms("venv", {"cdx": b"right"})

    assert Journal(tmp_path).roll_back()

    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.json")} == {
        "python.sbom.cdx.json": b"old",
        "venv.sbom.cdx.json": b"right",
    }
