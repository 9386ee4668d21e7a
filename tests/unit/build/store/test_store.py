from __future__ import annotations

import errno
import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.store import _linking
from layerwright.build.store.listing import stored_layers
from layerwright.build.store.store import LayerStore, Taken
from tests.unit.build.store.samples import RECORD, SITE, another, make, record, script, spec, stored

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TAKEN = Taken(linked=True)
NOT_TAKEN = Taken(linked=False)


def entry(tmp_path: Path) -> Path:
    [found] = (path for path in (tmp_path / "store").iterdir() if not path.name.startswith("."))
    return found


def take(tmp_path: Path, name: str = "two") -> tuple[Taken, Path]:
    store, wanted, layer = another(tmp_path, name)
    return store.take(wanted, layer), layer


# What the next application gets


def test_what_was_made_for_one_application_is_the_layer_of_the_next(tmp_path: Path) -> None:
    stored(tmp_path)
    taken, layer = take(tmp_path)
    expected = make(tmp_path / "expected" / "layers")
    shutil.rmtree(expected / "env.build")
    assert taken == TAKEN

    def names(tree: Path) -> set[str]:
        return {str(path.relative_to(tree)) for path in tree.rglob("*")}

    assert names(layer) == names(expected)
    assert (layer / "bin/acme").stat().st_mode == (expected / "bin/acme").stat().st_mode
    assert (layer / "bin/acme3").readlink() == (expected / "bin/acme3").readlink()


def test_its_files_are_the_same_files(tmp_path: Path) -> None:
    stored(tmp_path)
    _, layer = take(tmp_path)
    for name in (f"{SITE}/acme/a,b.txt", f"{SITE}/acme/__pycache__/__init__.cpython-313.pyc"):
        assert (layer / name).samefile(tmp_path / "one/layers/tool-acme" / name)


def test_what_names_its_own_path_is_written_for_the_new_one(tmp_path: Path) -> None:
    stored(tmp_path)
    _, layer = take(tmp_path)
    root = layer.parent
    assert (layer / "bin/acme").read_text() == script(root)
    assert (layer / "bin/python").readlink() == root / "python/bin/python3.13"
    assert (layer / RECORD).read_bytes().decode() == record(root)
    # Nothing was written through a link.
    one = tmp_path / "one" / "layers"
    assert (one / "tool-acme/bin/acme").read_text() == script(one)
    assert (one / "tool-acme" / RECORD).read_bytes().decode() == record(one)


def test_a_layer_of_other_inputs_is_not_there(tmp_path: Path) -> None:
    stored(tmp_path)
    store, wanted, layer = another(tmp_path)
    other = spec(layer.parent, inputs={"Acme version": "2.0"})
    assert store.has(wanted)
    assert not store.has(other)
    assert store.take(other, layer) == NOT_TAKEN
    assert list(layer.iterdir()) == []


def test_the_same_layers_directory_may_take_its_own_layer_again(tmp_path: Path) -> None:
    store = stored(tmp_path)
    root = tmp_path / "one" / "layers"
    layer = root / "tool-acme"
    shutil.rmtree(layer)
    layer.mkdir()
    assert store.take(spec(root), layer) == TAKEN
    assert (layer / "bin/acme").read_text() == script(root)


def test_a_later_offer_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    store = stored(tmp_path)
    root = tmp_path / "one" / "layers"
    data = root / "tool-acme" / SITE / "acme/a,b.txt"
    data.unlink()
    data.write_text("repaired")
    store.offer(spec(root), root / "tool-acme")
    _, layer = take(tmp_path)
    assert (layer / SITE / "acme/a,b.txt").read_text() == "repaired"
    assert len(list((tmp_path / "store").iterdir())) == 1


def test_its_last_use_is_recorded(tmp_path: Path) -> None:
    stored(tmp_path)
    os.utime(entry(tmp_path), (0, 0))
    take(tmp_path)
    assert entry(tmp_path).stat().st_mtime > time.time() - 60


# What is wrong never makes a wrong layer


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (f"{SITE}/acme/__init__.py", lambda path: path.write_text("import os\n")),
        (f"{SITE}/acme/__init__.py", lambda path: path.unlink()),
        (f"{SITE}/acme/a,b.txt", lambda path: path.write_text("other")),
        (f"{SITE}/acme/a,b.txt", lambda path: os.truncate(path, 2)),
        (f"{SITE}/acme/__pycache__/__init__.cpython-313.pyc", lambda path: path.write_bytes(b"\0")),
        (f"{SITE}/acme", lambda path: (path / "more.py").write_text("")),
        ("bin/acme", lambda path: path.chmod(0o644)),
    ],
)
def test_a_stored_layer_that_was_changed_is_removed_and_told(
    tmp_path: Path, name: str, change: Callable[[Path], object]
) -> None:
    stored(tmp_path)
    change(entry(tmp_path) / "contents" / name)
    store, wanted, _ = another(tmp_path, "three")
    assert not store.has(wanted)
    taken, layer = take(tmp_path)
    assert not taken.linked
    assert taken.altered
    assert name in taken.altered
    assert list(layer.iterdir()) == []
    assert list((tmp_path / "store").iterdir()) == []


def test_of_many_changes_a_few_are_told(tmp_path: Path) -> None:
    stored(tmp_path)
    contents = entry(tmp_path) / "contents"
    for name in ("bin/acme", "bin/acme3", "bin/python", RECORD, f"{SITE}/acme/__init__.py"):
        (contents / name).unlink()
    taken, _ = take(tmp_path)
    assert taken.altered.endswith(" and 2 more")


def test_a_file_that_was_edited_through_a_layer_is_noticed_in_the_store(tmp_path: Path) -> None:
    stored(tmp_path)
    (tmp_path / "one/layers/tool-acme" / SITE / "acme/__init__.py").write_text("import os\n")
    taken, _ = take(tmp_path)
    assert "acme/__init__.py" in taken.altered


@pytest.mark.parametrize("name", ["entry", "seal"])
@pytest.mark.parametrize("damage", ["truncated", "gone", "zeroed"])
def test_a_damaged_entry_is_not_used(tmp_path: Path, name: str, damage: str) -> None:
    stored(tmp_path)
    file = entry(tmp_path) / name
    content = file.read_bytes()
    file.unlink()
    if damage != "gone":
        file.write_bytes(content[:-20] if damage == "truncated" else bytes(len(content)))
    taken, layer = take(tmp_path)
    assert taken == NOT_TAKEN
    assert list(layer.iterdir()) == []


def test_an_entry_without_its_contents_is_not_used(tmp_path: Path) -> None:
    stored(tmp_path)
    shutil.rmtree(entry(tmp_path) / "contents")
    store, wanted, _ = another(tmp_path, "three")
    assert not store.has(wanted)
    taken, layer = take(tmp_path)
    assert taken == NOT_TAKEN
    assert list(layer.iterdir()) == []


@pytest.mark.parametrize("at", ["links", "end"])
def test_an_entry_that_is_removed_meanwhile_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Even if every file could be linked before: its directory may have been emptied while it was read."""
    stored(tmp_path)
    place = "link_tree" if at == "links" else "write_placed"
    name = f"layerwright.build.store.store.{place}"
    original = getattr(__import__("layerwright.build.store.store", fromlist=[place]), place)

    def removed(*arguments: Any, **options: Any) -> None:
        if at == "end":
            original(*arguments, **options)
        shutil.rmtree(entry(tmp_path))
        if at == "links":
            original(*arguments, **options)

    monkeypatch.setattr(name, removed)
    taken, layer = take(tmp_path)
    assert taken == NOT_TAKEN
    assert list(layer.iterdir()) == []


def test_a_script_whose_first_line_would_be_too_long_is_not_taken(tmp_path: Path) -> None:
    """The kernel would start another program, so installers write another form of script."""
    stored(tmp_path)
    taken, layer = take(tmp_path, "long" * 40)
    assert taken == NOT_TAKEN
    assert list(layer.iterdir()) == []


def test_nor_is_one_below_a_directory_with_a_space(tmp_path: Path) -> None:
    stored(tmp_path)
    assert take(tmp_path, "of mine")[0] == NOT_TAKEN


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lib/native.so", b"\0{root}/python\0"),
        (RECORD, b"\xff{root}\n"),
        (RECORD, b'"' + b"a" * 200_000 + b"\n"),
    ],
)
def test_a_layer_that_cannot_be_moved_is_not_stored(tmp_path: Path, name: str, content: bytes) -> None:
    root = tmp_path / "one" / "layers"
    layer = make(root)
    (layer / name).write_bytes(content.replace(b"{root}", os.fsencode(root)))
    store = LayerStore(tmp_path / "store", root)
    store.offer(spec(root), layer)
    assert list((tmp_path / "store").iterdir()) == []


# The store and its place


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_store_that_others_can_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    stored(tmp_path)
    (tmp_path / "store").chmod(mode)
    store, wanted, layer = another(tmp_path)
    assert store.problem == f"other users can write to {tmp_path / 'store'}"
    assert store.take(wanted, layer) == NOT_TAKEN
    store.offer(wanted, make(layer.parent.parent / "more"))
    assert len(list((tmp_path / "store").iterdir())) == 1


def test_nor_is_one_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 12345)
    store, _, _ = another(tmp_path)
    assert store.problem == f"{tmp_path / 'store'} belongs to another user"


def test_a_store_that_cannot_be_made_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    store, wanted, layer = another(tmp_path)
    assert store.problem == f"{tmp_path / 'store'} is not a directory"
    assert store.take(wanted, layer) == NOT_TAKEN
    below = LayerStore(tmp_path / "store" / "below", layer.parent)
    assert below.problem == f"{tmp_path / 'store' / 'below'}: Not a directory"


def test_a_new_store_is_its_users_alone(tmp_path: Path) -> None:
    root = tmp_path / "one" / "layers"
    store = LayerStore(tmp_path / "cache" / "store", root)
    assert not store.has(spec(root))
    assert not (tmp_path / "cache").exists()
    store.offer(spec(root), make(root))
    assert (tmp_path / "cache" / "store").stat().st_mode & 0o777 == 0o700


def test_a_disk_that_is_full_stores_nothing_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("layerwright.build.store.store.write_entry", full)
        stored(tmp_path)
    assert list((tmp_path / "store").iterdir()) == []
    stored(tmp_path)
    monkeypatch.setattr(_linking, "hard_link", full)
    taken, layer = take(tmp_path)
    assert taken == NOT_TAKEN
    assert list(layer.iterdir()) == []


def test_a_store_that_is_removed_while_a_build_runs_stops_nothing(tmp_path: Path) -> None:
    root = tmp_path / "one" / "layers"
    stored(tmp_path)
    store = LayerStore(tmp_path / "store", root)
    shutil.rmtree(tmp_path / "store")
    store.offer(spec(root), make(root))
    assert take(tmp_path)[0] == TAKEN


def test_of_two_builds_that_store_the_same_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other finds the name taken once it is ready."""
    stored(tmp_path)
    before = entry(tmp_path).stat().st_ino
    monkeypatch.setattr("layerwright.build.store.store.remove_entry", lambda _path: None)
    stored(tmp_path)
    assert entry(tmp_path).stat().st_ino == before
    assert len(list((tmp_path / "store").iterdir())) == 1


def test_what_a_killed_build_left_is_removed_a_day_later(tmp_path: Path) -> None:
    for name, age in ((".old", 25), (".new", 23)):
        (tmp_path / "store" / name / "contents").mkdir(parents=True)
        then = time.time() - age * 60 * 60
        os.utime(tmp_path / "store" / name, (then, then))
    (tmp_path / "store").chmod(0o700)
    stored(tmp_path)
    assert {path.name for path in (tmp_path / "store").iterdir()} == {".new", entry(tmp_path).name}


# Links


def refused(*_arguments: Any) -> None:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def test_without_hard_links_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_linking, "hard_link", refused)
    stored(tmp_path)
    taken, layer = take(tmp_path)
    assert taken == TAKEN
    name = f"{SITE}/acme/a,b.txt"
    assert not (layer / name).samefile(tmp_path / "one/layers/tool-acme" / name)
    assert (layer / name).read_text() == "data"
    assert (layer / name).stat().st_mtime_ns == (tmp_path / "one/layers/tool-acme" / name).stat().st_mtime_ns


def test_a_reflink_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def clone(destination: int, request: int, source: int) -> int:
        assert request == 0x40049409
        os.write(destination, os.pread(source, 1000, 0))
        return 0

    monkeypatch.setattr("fcntl.ioctl", clone)
    stored(tmp_path)
    taken, layer = take(tmp_path)
    assert taken == TAKEN
    name = f"{SITE}/acme/a,b.txt"
    assert not (layer / name).samefile(tmp_path / "one/layers/tool-acme" / name)
    assert (layer / name).read_text() == "data"
    assert (layer / "bin/acme").stat().st_mode & 0o777 == 0o755


# Listing


def test_stored_layers_are_listed_by_what_they_are(tmp_path: Path) -> None:
    stored(tmp_path)
    [layer], unknown = stored_layers(tmp_path / "store")
    assert (layer.label, layer.path) == ("Acme 1.0", entry(tmp_path))
    assert layer.used == entry(tmp_path).stat().st_mtime
    assert unknown == []
    root = tmp_path / "nameless" / "layers"
    LayerStore(tmp_path / "nameless" / "store", root).offer(spec(root, inputs={}), make(root))
    [layer], _ = stored_layers(tmp_path / "nameless" / "store")
    assert layer.label == "tool-acme"


def test_what_is_no_stored_layer_is_listed_apart(tmp_path: Path) -> None:
    stored(tmp_path)
    found = entry(tmp_path)
    (tmp_path / "store" / "link").symlink_to(found)
    (tmp_path / "store" / "empty").mkdir()
    (tmp_path / "store" / ".left").mkdir()
    (tmp_path / "store" / "loop").mkdir()
    (tmp_path / "store" / "loop" / "entry").symlink_to("entry")
    layers, unknown = stored_layers(tmp_path / "store")
    assert [layer.path for layer in layers] == [found]
    assert {path.name for path in unknown} == {"link", "empty", "loop"}
