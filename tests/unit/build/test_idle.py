"""The lock of a layers directory, which may be removed from the cache while a build waits for it."""

from __future__ import annotations

import fcntl
import io
import os
from typing import TYPE_CHECKING

import pytest

from layerwright.build.lock import PRIVATE, announce_run, idle, locked, shared
from layerwright.output.log import Log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "layers"


def is_idle(place: Path) -> bool:
    with idle(place) as free:
        return free


def log() -> Log:
    return Log(io.StringIO())


def test_a_directory_is_idle_unless_a_build_or_a_process_uses_it(place: Path) -> None:
    assert is_idle(place)
    with locked(place, log()):
        assert not is_idle(place)
    assert is_idle(place)
    with shared(place, log()):
        assert not is_idle(place)
        process = announce_run(place)
    assert process is not None
    assert not is_idle(place)
    os.close(process)
    assert is_idle(place)
    (place / PRIVATE / "running").unlink()
    assert is_idle(place)


def test_a_directory_whose_lock_cannot_be_read_counts_as_used(place: Path) -> None:
    (place / PRIVATE).mkdir(parents=True)
    (place / PRIVATE / "lock").symlink_to("elsewhere")
    assert not is_idle(place)


def test_a_build_that_waited_while_its_directory_was_removed_locks_a_new_one(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[int] = []
    real = fcntl.flock

    def flock(descriptor: int, kind: int) -> None:
        if not waited:
            (place / PRIVATE).rename(place / "removed")
            waited.append(descriptor)
        elif len(waited) == 1:
            (place / PRIVATE / "lock").unlink()
            (place / PRIVATE / "lock").touch()
            waited.append(descriptor)
        real(descriptor, kind)

    monkeypatch.setattr(fcntl, "flock", flock)
    with locked(place, log()) as descriptor:
        monkeypatch.undo()
        assert os.path.samestat(os.fstat(descriptor), (place / PRIVATE / "lock").stat())
        assert not is_idle(place)
    assert len(waited) == 2


def test_an_interrupt_while_waiting_leaves_no_lock(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int, kind: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fcntl, "flock", interrupted)
    with pytest.raises(KeyboardInterrupt), locked(place, log()):
        pass
    monkeypatch.undo()
    assert is_idle(place)
