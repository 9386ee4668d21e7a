"""A layer that was changed by anyone but a build is noticed, without reading what is in it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from layerwright.files.trees.tree import tree_of
from layerwright.local._seals import Seals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    layer = tmp_path / "layers" / "venv"
    (layer / "lib" / "acme" / "__pycache__").mkdir(parents=True)
    (layer / "lib" / "acme" / "core.py").write_text("one = 1\n")
    (layer / "lib" / "acme" / "empty").mkdir()
    (layer / "bin").mkdir()
    (layer / "bin" / "python").symlink_to("/usr/bin/python3")
    (layer / "bin" / "python3.13").write_text("the interpreter")
    (layer / "bin" / "python3.13").chmod(0o755)
    for name in ("lib/library.so.1", "lib/sourceless.pyc", "lib/acme.pth", "pyvenv.cfg"):
        (layer / name).write_text("one")
    (layer / "lib64").symlink_to("lib")
    for folder, folders, files in os.walk(layer):
        for name in (*folders, *files):
            # Long ago, so that a change within the clock's next tick is another time.
            os.utime(f"{folder}/{name}", (1, 1), follow_symlinks=False)
    os.utime(layer, (1, 1))
    return layer


@pytest.fixture
def sealed(layer: Path, tmp_path: Path) -> Path:
    Seals(tmp_path / "seals").seal([tree_of(layer)])()
    return layer


def altered(tmp_path: Path) -> set[str]:
    return set(Seals(tmp_path / "seals").altered(tmp_path / "layers" / "venv"))


def test_an_untouched_layer_is_not_altered(sealed: Path, tmp_path: Path) -> None:
    assert altered(tmp_path) == set()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda v: (v / "lib/acme/core.py").write_text("one = 2\n"), {"lib/acme/core.py"}),
        (lambda v: (v / "lib/acme/core.py").unlink(), {"lib/acme/core.py"}),
        (lambda v: (v / "lib/acme/new.py").touch(), {"lib/acme"}),
        (lambda v: (v / "lib/acme/empty/new.py").touch(), {"lib/acme/empty"}),
        (lambda v: shutil.rmtree(v / "lib/acme"), {"lib/acme/core.py", "lib/acme/empty"}),
        (lambda v: (v / "new").mkdir(), {"."}),
    ],
)
def test_what_was_edited_added_or_removed_is_named(
    sealed: Path, tmp_path: Path, change: Callable[[Path], object], found: set[str]
) -> None:
    change(sealed)
    assert altered(tmp_path) == found


@pytest.mark.parametrize(
    "name", ["bin/python3.13", "lib/library.so.1", "lib/sourceless.pyc", "lib/acme.pth", "pyvenv.cfg"]
)
def test_what_is_executed_is_sealed_whatever_it_is_called(sealed: Path, tmp_path: Path, name: str) -> None:
    os.truncate(sealed / name, 1)
    assert altered(tmp_path) == {name}


def test_another_size_or_other_permissions_are_noticed_at_the_same_time_of_change(
    sealed: Path, tmp_path: Path
) -> None:
    (sealed / "lib/acme/core.py").write_text("one = 10\n")
    (sealed / "bin/python3.13").chmod(0o644)
    for name in ("lib/acme/core.py", "bin/python3.13"):
        os.utime(sealed / name, (1, 1))
    assert altered(tmp_path) == {"lib/acme/core.py", "bin/python3.13"}


def test_a_link_that_was_turned_elsewhere_is_named(sealed: Path, tmp_path: Path) -> None:
    for name in ("bin/python", "lib64"):
        (sealed / name).unlink()
        (sealed / name).symlink_to("/elsewhere")
    assert altered(tmp_path) == {"bin/python", "lib64"}


def test_bytecode_that_an_interpreter_adds_is_no_alteration(sealed: Path, tmp_path: Path) -> None:
    (sealed / "lib" / "acme" / "__pycache__" / "core.cpython-313.opt-1.pyc").touch()
    assert altered(tmp_path) == set()


def test_names_in_any_encoding_are_compared(layer: Path, tmp_path: Path) -> None:
    file = layer / os.fsdecode(b"caf\xe9.py")
    file.write_text("one = 1\n")
    Seals(tmp_path / "seals").seal([tree_of(layer)])()
    file.unlink()
    assert file.name in altered(tmp_path)


def test_a_layer_that_is_going_to_be_changed_has_no_seal(sealed: Path, tmp_path: Path) -> None:
    seals = Seals(tmp_path / "seals")
    assert seals.is_sealed("venv")
    seals.forget("venv")
    assert not seals.is_sealed("venv")
    seals.forget("venv")
    (sealed / "lib/acme/core.py").unlink()
    assert altered(tmp_path) == set()


def test_one_build_sees_one_state_of_a_layer(sealed: Path, tmp_path: Path) -> None:
    seals = Seals(tmp_path / "seals")
    assert seals.altered(sealed) == ()
    (sealed / "lib/acme/core.py").unlink()
    assert seals.altered(sealed) == ()
    seals.forget("venv")
    seals.seal([tree_of(sealed)])()
    assert seals.altered(sealed) == ()


def test_data_that_was_edited_in_its_place_is_not_noticed(layer: Path, tmp_path: Path) -> None:
    data = layer / "lib" / "acme" / "template.html"
    data.write_text("one")
    Seals(tmp_path / "seals").seal([tree_of(layer)])()
    data.write_text("two")
    assert altered(tmp_path) == set()


@pytest.mark.parametrize("length", [0, 3, -3])
def test_a_seal_that_is_not_whole_is_none(sealed: Path, tmp_path: Path, length: int) -> None:
    seal = tmp_path / "seals" / "venv"
    seal.write_bytes(seal.read_bytes()[:length])
    (sealed / "lib/acme/core.py").unlink()
    seals = Seals(tmp_path / "seals")
    assert not seals.is_sealed("venv")
    assert seals.altered(sealed) == ()
    assert not seals.is_sealed("venv")
    seals.seal([tree_of(sealed)])()
    assert seals.is_sealed("venv")


def test_a_layer_that_went_away_while_it_was_looked_at_is_not_altered(sealed: Path, tmp_path: Path) -> None:
    shutil.rmtree(sealed)
    assert altered(tmp_path) == set()


# Ahead, on another core


def begin_now(work: Callable[[], object]) -> Callable[[], object]:
    """Do *work* at once, where a fork would have begun it."""
    result = work()
    return lambda: result


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every layer for one that is worth a fork."""
    monkeypatch.setattr("layerwright.local._seals._WORTH_A_FORK", 0)


@pytest.fixture
def begun(sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: None) -> Seals:
    """Return seals that have compared a layer of which one file is gone."""
    monkeypatch.setattr("layerwright.local._seals.forked", begin_now)
    (sealed / "lib/acme/core.py").unlink()
    seals = Seals(tmp_path / "seals")
    seals.begin([sealed])
    return seals


def test_what_was_compared_ahead_is_what_counts(begun: Seals, sealed: Path) -> None:
    (sealed / "new").mkdir()
    assert begun.altered(sealed) == ("lib/acme/core.py",)


def test_each_build_of_a_process_compares_again(begun: Seals, sealed: Path) -> None:
    assert begun.altered(sealed) == ("lib/acme/core.py",)
    (sealed / "new").mkdir()
    begun.begin([sealed])
    assert set(begun.altered(sealed)) == {"lib/acme/core.py", "."}


def test_a_layer_that_was_changed_meanwhile_is_not_what_was_compared_ahead(
    begun: Seals, sealed: Path
) -> None:
    begun.forget("venv")
    begun.seal([tree_of(sealed)])()
    assert begun.altered(sealed) == ()


@pytest.mark.usefixtures("large")
def test_where_nothing_comes_of_it_it_is_compared_when_it_is_asked_for(
    sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.local._seals.forked", lambda _work: lambda: None)
    seals = Seals(tmp_path / "seals")
    seals.begin([sealed])
    (sealed / "lib/acme/core.py").unlink()
    assert seals.altered(sealed) == ("lib/acme/core.py",)


def test_small_layers_are_compared_together_and_without_a_fork(
    sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(sealed, other)
    seals = Seals(tmp_path / "seals")
    seals.seal([tree_of(other)])()
    monkeypatch.delattr("layerwright.local._seals.forked")
    seals.begin([sealed, other])
    for layer in (sealed, other):
        (layer / "lib/acme/core.py").unlink()
    assert seals.altered(sealed) == ("lib/acme/core.py",)
    (other / "new").mkdir()
    assert seals.altered(other) == ("lib/acme/core.py",)


def test_without_a_seal_there_is_nothing_to_begin(
    layer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("layerwright.local._seals.forked")
    seals = Seals(tmp_path / "seals")
    seals.begin([layer])
    assert seals.altered(layer) == ()
