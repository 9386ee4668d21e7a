"""The download cache that all builds of a user share: what the next build gets, and what it never gets."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from layerwright import SharedCache
from layerwright.build.store import downloads
from layerwright.build.store.downloads import DAYS, DOWNLOADS, SharedDownloads, unused
from layerwright.build.store.listing import stored_downloads, stored_layers
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

KEPT = SharedCache(name="acme", entries="archive-v*/*", links=("wheels",), outdated="hash")


class Machine:
    """A user's store, and builds that get its download cache."""

    def __init__(self, root: Path) -> None:
        self.store = root / "store"
        self.store.mkdir(mode=0o700)
        self.layers = root / "layers"
        self.layers.mkdir()
        self.place = self.store / DOWNLOADS / "acme"
        self.said: list[str] = []

    def build(self, *, afresh: bool = False) -> SharedDownloads:
        return SharedDownloads(self.store, KEPT, self.layers, afresh=afresh, tell=self.said.append)

    def downloaded(self, *names: str) -> Path:
        """Download *names* in a build that ends well; return the cache."""
        build = self.build()
        cache = build.lend()
        assert cache is not None
        for name in names:
            download(cache, name)
        build.give_back(intact=True)
        return cache

    def next(self, *, afresh: bool = False) -> list[str]:
        """Return the distributions that the next build finds."""
        build = self.build(afresh=afresh)
        cache = build.lend()
        assert cache is not None
        found = sorted(path.name for path in cache.glob("archive-v0/*"))
        build.give_back(intact=True)
        return found


def download(cache: Path, name: str, *, linked: bool = True) -> Path:
    entry = cache / "archive-v0" / name
    metadata = entry / f"{name}-1.0.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Name: {name}")
    (entry / f"{name}.py").write_text("original")
    page = cache / "wheels" / name / "1.0"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.with_name("page").write_text("a page")
    if linked:
        page.symlink_to(f"../../archive-v0/{name}")
    return entry


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_one_build_has_downloaded_is_there_for_the_next(machine: Machine) -> None:
    cache = machine.downloaded("one", "two")
    assert machine.next() == ["one", "two"]
    assert (cache / "wheels" / "one" / "page").read_text() == "a page"
    assert machine.said == []


def test_only_what_is_shared_stays(machine: Machine) -> None:
    """What was built from a source is stale when the source changes."""
    build = machine.build()
    cache = build.lend()
    assert cache is not None
    download(cache, "one")
    download(cache, "built", linked=False)
    (cache / "built-wheels" / "built").mkdir(parents=True)
    (cache / "notes").write_text("")
    (cache / "archive-v0" / "a-link").symlink_to("one")
    build.give_back(intact=True)
    assert sorted(path.name for path in cache.iterdir()) == ["archive-v0", "wheels"]
    assert machine.next() == ["one"]
    assert [path.name for path in (machine.place / "seals").iterdir()] == ["archive-v0,one"]


@pytest.mark.parametrize("damage", ["edited", "more", "unsealed", "link"])
def test_a_file_that_was_changed_through_an_environment_does_not_come_back(
    machine: Machine, damage: str
) -> None:
    cache = machine.downloaded("one", "two")
    entry = cache / "archive-v0" / "one"
    if damage == "edited":
        installed = machine.layers / "one.py"
        os.link(entry / "one.py", installed)
        installed.write_text("my debugging")
    elif damage == "more":
        (entry / "more.py").write_text("")
    elif damage == "unsealed":
        (machine.place / "seals" / "archive-v0,one").write_text("lost in a power cut")
    else:
        entry.rename(machine.layers / "one")
        entry.symlink_to(machine.layers / "one")
    assert machine.next() == ["two"]
    assert machine.said == [
        "Files were changed since they were downloaded, so they are downloaded again: one 1.0"
    ]


def test_of_many_changed_ones_the_first_are_named(machine: Machine) -> None:
    cache = machine.downloaded(*"abcde")
    for name in "abcde":
        (cache / "archive-v0" / name / f"{name}.py").write_text("edited")
    assert machine.next() == []
    assert machine.said[0].endswith("again: a 1.0, b 1.0, c 1.0 and 2 more")


def test_linking_a_file_is_no_change_of_it(machine: Machine) -> None:
    cache = machine.downloaded("one")
    os.link(cache / "archive-v0" / "one" / "one.py", machine.layers / "one.py")
    (machine.layers / "one.py").unlink()
    assert machine.next() == ["one"]


def test_what_a_build_that_did_not_end_well_has_left_is_not_used(machine: Machine) -> None:
    cache = machine.downloaded("one")
    build = machine.build()
    assert build.lend() == cache
    build.give_back(intact=False)
    assert machine.next() == []


def test_a_build_that_is_asked_to_start_afresh_takes_nothing(machine: Machine) -> None:
    machine.downloaded("one")
    assert machine.next(afresh=True) == []
    assert machine.next() == []


def test_a_second_build_at_the_same_time_downloads_for_itself(machine: Machine) -> None:
    first, second = machine.build(), machine.build()
    cache = first.lend()
    assert cache is not None
    assert second.lend() is None
    second.give_back(intact=True)
    download(cache, "one")
    first.give_back(intact=True)
    first.give_back(intact=True)
    assert machine.next() == ["one"]


def test_a_cache_that_was_removed_while_a_build_waited_for_it_is_not_used(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.downloaded("one")

    def locked_late(_descriptor: int, operation: int) -> None:
        if operation & downloads.fcntl.LOCK_EX:
            machine.place.rename(machine.store / "trash")
            machine.place.mkdir()
            (machine.place / "lock").touch()

    monkeypatch.setattr(downloads.fcntl, "flock", locked_late)
    assert machine.build().lend() is None


def test_a_cache_with_a_secret_is_emptied(machine: Machine) -> None:
    KNOWN.learn(["s3cr3t-t0ken"])
    build = machine.build()
    cache = build.lend()
    assert cache is not None
    download(cache, "one")
    (cache / "wheels" / "one" / "page").write_text("https://example.com/s3cr3t-t0ken/one.whl")
    build.give_back(intact=True)
    assert list(cache.iterdir()) == []
    assert machine.next() == []


def test_what_no_environment_has_used_for_a_while_is_removed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.downloaded("one")
    now = time.time()
    monkeypatch.setattr(downloads.time, "time", lambda: now + (DAYS + 1) * 24 * 60 * 60)
    machine.next()
    assert machine.next() == []


@pytest.mark.parametrize("problem", ["writable", "file", "disk"])
def test_a_cache_that_cannot_be_used_is_none(
    machine: Machine, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if problem == "writable":
        machine.store.chmod(0o777)
    elif problem == "file":
        (machine.store / DOWNLOADS).write_text("")
    else:
        machine.place.mkdir(parents=True)
        monkeypatch.setattr(downloads, "sync_directory", full)
    build = machine.build()
    assert build.lend() is None
    build.give_back(intact=True)


def test_a_cache_on_another_file_system_is_not_used(machine: Machine) -> None:
    """Its files would have to be copied."""
    build = SharedDownloads(machine.store, KEPT, machine.layers / "elsewhere")
    assert build.lend() is None
    machine.layers.rmdir()
    machine.layers.symlink_to("/proc")
    assert machine.build().lend() is None


def test_a_full_disk_at_the_end_leaves_a_cache_that_the_next_build_empties(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.downloaded("one")
    with monkeypatch.context() as patched:
        patched.setattr(downloads, "sync_file_system", full)
        assert machine.next() == ["one"]
    assert machine.next() == []


def full(_path: Path) -> None:
    raise OSError(28, "No space left on device")


def test_the_output_of_a_command_says_whether_the_cache_is_why_it_failed(machine: Machine) -> None:
    build = machine.build()
    assert build.explains("the hash of one 1.0 is another")
    assert machine.said == [
        "Earlier downloads are not those that the lock file names, so everything is downloaded again."
    ]
    assert not build.explains("a compiler is missing")


# In the list of what the user's cache has


def test_it_is_listed_apart_from_layers(machine: Machine) -> None:
    machine.downloaded("one")
    (machine.store / DOWNLOADS / "other").mkdir()
    found, unknown = stored_downloads(machine.store)
    assert [(one.label, one.path) for one in found] == [("acme", machine.place)]
    assert unknown == [machine.store / DOWNLOADS / "other"]
    assert stored_layers(machine.store) == ([], [])
    build = machine.build()
    build.lend()
    assert stored_downloads(machine.store)[0][0].used == machine.place.stat().st_mtime


def test_it_is_in_use_while_a_build_has_it(machine: Machine) -> None:
    machine.downloaded("one")
    build = machine.build()
    build.lend()
    with unused(machine.place) as free:
        assert not free
    build.give_back(intact=True)
    with unused(machine.place) as free:
        assert free
        assert machine.build().lend() is None
    with unused(machine.layers) as free:
        assert not free


@pytest.mark.parametrize("path", ["/etc", "a/../b", "", "a//b", "."])
def test_a_pattern_that_may_lead_out_of_the_cache_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is not the path of something in a cache"):
        SharedCache(name="acme", entries=path, links=(), outdated="hash")
