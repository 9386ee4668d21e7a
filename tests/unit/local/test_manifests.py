"""Whatever a layer holds is recorded, and what is not as it was recorded is named."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees.tree import tree_of
from layerwright.local.manifests import Manifests, Verified

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG_AGO = 10**9


@pytest.fixture(autouse=True)
def _one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in this process, where coverage sees it."""
    monkeypatch.setattr("layerwright.local.manifests.forked", lambda _work: lambda: None)


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    layer = tmp_path / "layers" / "venv"
    (layer / "lib" / "acme" / "__pycache__").mkdir(parents=True)
    (layer / "lib" / "acme" / "core.py").write_text("one = 1\n")
    (layer / "lib" / "acme" / "__pycache__" / "core.pyc").write_text("bytecode")
    (layer / "lib" / "acme" / "data").write_bytes(bytes(3 << 20))
    (layer / "lib" / "acme" / "empty").mkdir()
    (layer / "lib64").symlink_to("lib")
    os.mkfifo(layer / "queue")
    (tmp_path / "layers" / "venv.toml").write_text("[types]\n")
    return layer


@pytest.fixture
def recorded(layer: Path, tmp_path: Path) -> Path:
    record(tmp_path, layer)
    return layer


def record(tmp_path: Path, *targets: Path, since: int = LONG_AGO) -> None:
    Manifests(tmp_path / "manifests").begin(list(map(tree_of, targets)), since=since)()


def verify(tmp_path: Path) -> Verified:
    return Manifests(tmp_path / "manifests").verify(tmp_path / "layers" / "venv")


def edited(file: Path, content: bytes) -> None:
    """Write into *file* what has its size, and give it its old time back."""
    status = file.stat()
    with file.open("r+b") as stream:
        stream.write(content)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_an_untouched_layer_is_as_recorded(recorded: Path, tmp_path: Path) -> None:
    # The layer and its record, three directories with one of bytecode, three files, a link, a FIFO.
    assert verify(tmp_path) == Verified(name="venv", entries=11)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda v: edited(v / "lib/acme/core.py", b"two"), "venv/lib/acme/core.py has other content"),
        (lambda v: os.truncate(v / "lib/acme/data", 5), "venv/lib/acme/data has other content"),
        (lambda v: (v / "lib/acme/data").chmod(0o600), "venv/lib/acme/data has mode 0600, not 0644"),
        (lambda v: (v / "lib/acme/core.py").unlink(), "venv/lib/acme/core.py is missing"),
        (lambda v: shutil.rmtree(v / "lib/acme"), "venv/lib/acme is missing"),
        (shutil.rmtree, "venv is missing"),
        (lambda v: shutil.copytree(v / "lib", v / "more"), "venv/more was added"),
        (lambda v: (v / "a\nb").touch(), r"venv/a\nb was added"),
        (lambda v: os.truncate(v.with_name("venv.toml"), 1), "venv.toml has other content"),
        (
            lambda v: os.truncate(v / "lib/acme/__pycache__/core.pyc", 1),
            "venv/lib/acme/__pycache__/core.pyc has",
        ),
    ],
)
def test_what_was_changed_in_any_way_is_named_and_nothing_else(
    recorded: Path, tmp_path: Path, change: Callable[[Path], object], found: str
) -> None:
    change(recorded)

    [difference] = verify(tmp_path).differences

    assert difference.startswith(found)


def test_what_was_replaced_by_something_else_says_what_it_is(recorded: Path, tmp_path: Path) -> None:
    (recorded / "lib64").unlink()
    (recorded / "lib64").symlink_to("elsewhere")
    (recorded / "queue").unlink()
    (recorded / "queue").mkdir()
    (recorded / "queue" / "file").touch()
    (recorded / "lib" / "acme" / "core.py").unlink()
    os.mkfifo(recorded / "lib" / "acme" / "core.py")

    assert verify(tmp_path).differences == (
        "venv/lib/acme/core.py is a special file, not a file",
        "venv/lib64 leads elsewhere",
        "venv/queue is a directory, not a special file",
    )


def test_bytecode_that_an_interpreter_adds_is_no_difference(recorded: Path, tmp_path: Path) -> None:
    (recorded / "lib" / "acme" / "__pycache__" / "core.opt-1.pyc").touch()
    (recorded / "lib" / "acme" / "empty" / "__pycache__").mkdir()

    assert verify(tmp_path).differences == ()


def test_a_file_that_a_disk_has_lost_has_other_content(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", fail)

    assert "venv/lib/acme/core.py has other content" in verify(tmp_path).differences


def test_without_a_whole_manifest_nothing_is_known(recorded: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifests" / "venv"
    for content in (manifest.read_bytes()[:-1], b""):
        manifest.write_bytes(content)
        assert verify(tmp_path) == Verified(name="venv", entries=None)
    Manifests(tmp_path / "manifests").forget("venv")
    assert verify(tmp_path) == Verified(name="venv", entries=None)


def test_a_manifest_in_another_format_is_none(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.local.manifests._FORMAT", "another")

    assert verify(tmp_path).entries is None


def test_the_digest_of_a_layer_is_that_of_its_files_links_and_permissions(
    layer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifests = Manifests(tmp_path / "manifests")

    def digest() -> str:
        record(tmp_path, layer)
        found = manifests.digest("venv")
        assert found is not None
        return found

    assert manifests.digest("venv") is None
    first = digest()
    assert re.fullmatch("sha256:[0-9a-f]{64}", first)
    # The same content in other files, at another time.
    copy = layer.with_name("copy")
    shutil.copytree(layer, copy, symlinks=True, ignore=shutil.ignore_patterns("queue"))
    os.mkfifo(copy / "queue")
    shutil.rmtree(layer)
    copy.rename(layer)
    os.utime(layer / "lib" / "acme" / "core.py", (1, 1))
    assert digest() == first
    (layer / "lib" / "acme" / "core.py").chmod(0o600)
    assert digest() != first
    monkeypatch.setattr("layerwright.local.manifests._FORMAT", "another")
    assert manifests.digest("venv") is None


def test_meanwhile_there_is_no_manifest(recorded: Path, tmp_path: Path) -> None:
    manifests = Manifests(tmp_path / "manifests")
    remember = manifests.begin([tree_of(recorded)], since=LONG_AGO)
    assert manifests.names() == frozenset()
    remember()
    assert manifests.names() == {"venv"}


def test_what_another_core_has_read_is_recorded(
    layer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begun(work: Callable[[], object]) -> Callable[[], object]:
        found = work()
        return lambda: found

    monkeypatch.setattr("layerwright.local.manifests.forked", begun)
    remember = Manifests(tmp_path / "manifests").begin([tree_of(layer)], since=LONG_AGO)
    (layer / "lib" / "acme" / "core.py").unlink()
    remember()
    assert verify(tmp_path).differences == ("venv/lib/acme/core.py is missing",)


def test_what_was_edited_in_place_before_does_not_become_right_when_it_is_recorded_again(
    recorded: Path, tmp_path: Path
) -> None:
    kept_aside = tmp_path / "core.py"
    kept_aside.hardlink_to(recorded / "lib" / "acme" / "core.py")
    (recorded / "lib" / "acme" / "core.py").write_text("one = 2000\n")
    edited(recorded / "lib" / "acme" / "__pycache__" / "core.pyc", b"damaged")

    record(tmp_path, recorded, since=time.time_ns() + 10**12)

    assert verify(tmp_path).differences == (
        "venv/lib/acme/__pycache__/core.pyc has other content",
        "venv/lib/acme/core.py has other content",
    )


def test_what_a_build_has_written_is_recorded_as_it_is_now(recorded: Path, tmp_path: Path) -> None:
    data, core = (recorded / "lib" / "acme" / name for name in ("data", "core.py"))
    (tmp_path / "core.py").hardlink_to(core)
    core.write_text("one = 2000\n")
    # As it is after an update: the old file is still there, so that the new one has another inode.
    data.rename(tmp_path / "data")
    data.write_text("new")

    record(tmp_path, recorded)

    assert verify(tmp_path).differences == ()


def test_a_file_is_recorded_like_a_layer(tmp_path: Path) -> None:
    file, manifests = tmp_path / "launch.toml", Manifests(tmp_path / "manifests")
    file.write_text("processes = []\n")
    assert not manifests.is_as_recorded(file)

    record(tmp_path, file)
    assert manifests.is_as_recorded(file)
    assert manifests.verify(file) == Verified(name="launch.toml", entries=1)

    file.write_text("")
    assert not manifests.is_as_recorded(file)


def test_nothing_to_record_leaves_nothing(tmp_path: Path) -> None:
    record(tmp_path)
    assert Manifests(tmp_path / "manifests").names() == frozenset()
    assert list(tmp_path.iterdir()) == []
