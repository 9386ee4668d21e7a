"""The cache: what is found in it, what a prune chooses, and that it removes nothing else."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright import SharedCache
from layerwright.build.lock import locked
from layerwright.build.store.downloads import SharedDownloads
from layerwright.build.store.listing import stored_bytecode
from layerwright.build.store.store import LayerStore
from layerwright.local._trash import Trash
from layerwright.local.cache import pruning
from layerwright.local.cache.entries import Sizes
from layerwright.local.cache.pruning import Rule, contents, prune, unknown_places
from layerwright.local.places import default_layers
from layerwright.local.use import record_use
from layerwright.output.log import Log
from layerwright.pythons.standalone.in_use import using
from tests.unit.build.store.compiled import Machine
from tests.unit.build.store.samples import make, spec

if TYPE_CHECKING:
    from layerwright.local.cache.entries import Entry

NOW = time.time()
DAY = 24 * 60 * 60
ARCHIVE = "cpython-3.13.1+20241206-x86_64-unknown-linux-gnu-install_only.tar.gz"


class Site:
    """A cache in a directory, with the applications of a user beside it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cache = root / "cache"

    def built(self, name: str, *, days: float = 0) -> Path:
        """Create an application with a layer of 10 bytes, last used *days* ago; return its layers directory."""
        app = self.root / name
        app.mkdir()
        layers = default_layers(app, self.cache)
        with locked(layers, Log(io.StringIO())):
            pass
        (layers / "venv").mkdir()
        (layers / "venv" / "file").write_bytes(b"x" * 10)
        record_use(layers, app, self.cache)
        age(layers.parent / "application", days)
        return layers

    def downloaded(self, name: str = ARCHIVE, *, days: float = 0, size: int = 5) -> Path:
        path = self.cache / "downloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        age(path, days)
        return path

    def found(self) -> dict[str, Entry]:
        return {entry.name: entry for _, one in contents(self.cache) for entry in one.entries}

    def prune(self, *, dry_run: bool = False, **rule: float) -> dict[str, str]:
        """Prune; return the reason for each entry that is removed, and an empty one if it is in use."""
        done = prune(self.cache, Rule(now=NOW, **rule), dry_run=dry_run)  # type: ignore[arg-type]
        return {one.entry.name: one.reason if one.removed else "" for one in done}


def age(path: Path, days: float) -> None:
    os.utime(path, (NOW - days * DAY,) * 2)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_an_application_is_found_with_its_layers_their_sizes_and_its_last_use(site: Site) -> None:
    layers = site.built("shop", days=3)
    (layers / "tool-pip").mkdir()
    snapshots = layers / ".layerwright" / "snapshots"
    snapshots.mkdir()
    os.link(layers / "venv" / "file", snapshots / "same")
    (snapshots / "older").write_bytes(b"x" * 4)
    image = layers.parent / "image-build" / "image"
    image.mkdir(parents=True)
    (image / "blob").write_bytes(b"x" * 100)

    entry = site.found()[str(site.root / "shop")]

    assert entry.parts == {"tool-pip": 0, "venv": 10, "images": 100, "records and earlier builds": 4}
    assert entry.size == 114 + len(os.fsencode(site.root / "shop"))
    assert entry.used == pytest.approx(NOW - 3 * DAY)
    assert not entry.gone


def test_without_options_what_is_gone_is_removed_and_old_downloads_too(site: Site) -> None:
    site.built("shop", days=400)
    gone = site.built("gone")
    (site.root / "gone").rmdir()
    old, new = site.downloaded(days=31), site.downloaded(ARCHIVE.replace("3.13.1", "3.13.2"), days=29)
    lock = site.downloaded(f"{ARCHIVE}.lock", days=90, size=0)
    facts = site.cache / "interpreters.json"
    facts.write_text("{}")
    age(facts, 31)

    assert site.prune(dry_run=True) == site.prune()
    assert not any(path.exists() for path in (gone.parent, old, lock, facts))
    assert set(site.found()) == {str(site.root / "shop"), new.name}
    assert list((site.cache / "trash").iterdir()) == []


def test_a_vulnerability_database_is_removed_with_everything_of_it(site: Site) -> None:
    place = site.cache / "audit"
    place.mkdir(parents=True)
    names = [
        ".0123456789ab.json.tmp",
        "0123456789ab-0011223344556677889900aa-1.index",
        "0123456789ab-x_1.part-journal",
        "0123456789ab.zip",
    ]
    for name in names:
        (place / name).write_text("1234567")
        age(place / name, 31)
    (place / "notes.txt").write_text("")
    [(name, found)] = site.found().items()
    assert (name, found.size, [path.name for path in found.paths]) == ("0123456789ab", 28, names)
    assert site.prune() == {name: "not used for 31 days"}
    assert [path.name for path in place.iterdir()] == ["notes.txt"]


def test_stored_layers_count_what_no_application_has_and_are_removed_when_they_are_old(
    site: Site,
) -> None:
    root = site.root / "one" / "layers"
    LayerStore(site.cache / "store", root).offer(spec(root), make(root))
    [(name, found)] = site.found().items()
    assert name.startswith("Acme 1.0 (tool-acme-")
    [path] = found.paths
    assert found.size > 0
    age(path, 31)
    assert site.prune() == {name: "not used for 31 days"}
    assert list((site.cache / "store").iterdir()) == []


def test_stored_bytecode_is_removed_by_the_day_of_its_last_use(site: Site) -> None:
    machine = Machine(site.root / "machine")
    machine.store = site.cache / "store"
    machine.build("one")
    machine.build("two", a="other = True\n")
    for one in stored_bytecode(machine.store)[0]:
        age(one.path, 3)
    age(machine.entry("bravo 1.0"), 31)
    found = site.found()
    assert set(found) == {"acme 1.0 and 1 more, for Python 3.13.1", "bravo 1.0, for Python 3.13.1"}
    assert all(entry.size > 0 for entry in found.values())
    assert site.prune() == {"bravo 1.0, for Python 3.13.1": "not used for 31 days"}
    assert [one.label for one in stored_bytecode(machine.store)[0]] == ["acme 1.0", "acme 1.0"]
    site.prune(everything=True)
    assert site.found() == {}


def test_stored_downloads_are_removed_when_no_build_has_used_them_for_a_while(site: Site) -> None:
    kept = SharedCache(name="acme", entries="archive/*", links=("wheels",), outdated="hash")
    layers = site.root / "layers"
    layers.mkdir()
    (site.cache / "store").mkdir(mode=0o700, parents=True)
    build = SharedDownloads(site.cache / "store", kept, layers)
    cache = build.lend()
    assert cache is not None
    (cache / "wheels").mkdir()
    (cache / "wheels" / "page").write_text("a page")
    assert site.prune(everything=True) == {"downloads of acme": ""}
    build.give_back(intact=True)
    assert site.found()["downloads of acme"].size == len("a page")
    age(cache.parent / "complete", 29)
    assert site.prune() == {}
    age(cache.parent / "complete", 31)
    assert site.prune() == {"downloads of acme": "not used for 31 days"}
    assert not cache.exists()


def test_the_reasons_are_told(site: Site) -> None:
    site.built("gone")
    (site.root / "gone").rmdir()
    site.downloaded(days=45)
    assert site.prune(dry_run=True) == {
        str(site.root / "gone"): "it does not exist",
        ARCHIVE: "not used for 45 days",
    }


def test_a_number_of_days_is_for_applications_as_well(site: Site) -> None:
    site.built("shop", days=8)
    site.built("new", days=6)
    site.downloaded(days=8)
    assert set(site.prune(days=7)) == {str(site.root / "shop"), ARCHIVE}
    assert set(site.found()) == {str(site.root / "new")}


def test_everything_is_what_nothing_uses(site: Site) -> None:
    built, used = site.built("built"), site.built("used")
    download = site.downloaded()
    with locked(used, Log(io.StringIO())), using(download.parent):
        assert site.prune(everything=True) == {
            str(site.root / "built"): "everything",
            str(site.root / "used"): "",
            ARCHIVE: "",
        }
    assert not built.exists()
    assert used.exists()
    assert download.exists()
    site.prune(everything=True)
    assert site.found() == {}


def test_what_cannot_be_attributed_is_named_and_never_removed(site: Site) -> None:
    moved = site.built("shop")
    site.built("other")
    elsewhere = site.cache / "apps" / "elsewhere"
    moved.parent.rename(elsewhere)
    (site.cache / "apps" / "unrecorded").mkdir()
    (site.cache / "apps" / "link").symlink_to(default_layers(site.root / "other", site.cache).parent)
    site.downloaded("notes.txt")
    (site.cache / "downloads" / f"{ARCHIVE}.lock").symlink_to("/etc/passwd")
    (site.cache / "mine").touch()

    site.prune(everything=True)

    unknown = [path.name for _, one in contents(site.cache) for path in one.unknown]
    assert unknown == ["elsewhere", "link", "unrecorded", f"{ARCHIVE}.lock", "notes.txt"]
    assert [path.name for path in unknown_places(site.cache)] == ["mine"]
    assert site.found() == {}


def test_an_application_that_is_a_file_now_is_gone_and_one_that_cannot_be_seen_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("file", "script.py", "below", "hidden"):
        site.built(name)
        (site.root / name).rmdir()
    for name in ("file", "script.py"):
        (site.root / name).touch()
    (site.root / "hidden").symlink_to("hidden")  # a loop: an error that is not about absence
    assert {Path(name).name: entry.gone for name, entry in site.found().items()} == {
        "below": True,
        "file": True,
        "hidden": False,
        # An application can be a single script.
        "script.py": False,
    }


class Killed(BaseException):
    """The process ends here."""


def test_a_prune_that_is_killed_leaves_an_entry_whole_or_in_the_trash_which_the_next_one_empties(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = site.built("gone")
    (site.root / "gone").rmdir()

    def killed(self: Trash) -> None:
        raise Killed

    monkeypatch.setattr(Trash, "empty", killed)
    with pytest.raises(Killed):
        site.prune()
    monkeypatch.undo()
    assert not layers.parent.exists()
    [left] = (site.cache / "trash").iterdir()
    assert (left / "layers" / "venv" / "file").exists()
    assert site.found()[left.name].gone

    assert site.prune() == {left.name: "left over"}
    assert site.found() == {}


def test_an_empty_cache_has_nothing(site: Site) -> None:
    assert site.found() == {}
    assert unknown_places(site.cache) == []
    assert site.prune(everything=True) == {}
    assert not site.cache.exists()


def test_a_size_is_that_of_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 7)
    (tmp_path / "link").symlink_to("file")
    assert Sizes().of(tmp_path / "file") == 7
    assert Sizes().of(tmp_path) == 7 + len("file")
    assert Sizes().of(tmp_path / "nowhere") == 0


def test_contents_of_images_are_listed_and_pruned_when_they_were_not_used(site: Site) -> None:
    images = site.cache / "images"
    for name in ("blobs/sha256/aaaabbbbccccdddd", "base/sha256/eeee", "layers/x", "checked/y", "strange"):
        (images / name).parent.mkdir(parents=True, exist_ok=True)
        (images / name).write_bytes(b"12345")
    with locked(images / "pythons" / "3.13.1", Log(io.StringIO())):
        pass
    age(images / "blobs" / "sha256" / "aaaabbbbccccdddd", 31)
    [found] = [found for kind, found in contents(site.cache) if kind.name == "image-content"]
    assert [(entry.name, entry.size) for entry in found.entries if "Python" not in entry.name] == [
        ("layer aaaabbbbcccc", 5),
        ("base image eeee", 5),
        ("records: checked", 5),
        ("records: layers", 5),
    ]
    assert found.unknown == [images / "strange"]
    pruned = [one.entry.name for one in prune(site.cache, Rule(now=NOW))]
    assert pruned == ["layer aaaabbbbcccc"]
    everything = {one.entry.name for one in prune(site.cache, Rule(now=NOW, everything=True))}
    assert "Python 3.13.1" in everything


def test_every_kind_has_a_place_and_an_identifier_of_its_own() -> None:
    for names in ([kind.place for kind in pruning.KINDS], [kind.name for kind in pruning.KINDS]):
        assert len(set(names)) == len(names)
