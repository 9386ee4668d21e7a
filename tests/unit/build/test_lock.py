from __future__ import annotations

import fcntl
import io
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.build import lock
from layerwright.build.lock import announce_run, locked, running, shared
from layerwright.errors import SiteError
from layerwright.output.log import Log

if TYPE_CHECKING:
    from pathlib import Path

SLEEP = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]


def silent() -> Log:
    return Log(io.StringIO(), io.StringIO())


def is_locked(place: Path, kind: int = fcntl.LOCK_EX) -> bool:
    descriptor = os.open(place / ".layerwright" / "lock", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def test_a_lock_is_free_again_though_a_daemon_has_got_away_with_its_descriptor(tmp_path: Path) -> None:
    with locked(tmp_path, silent()) as descriptor:
        daemon = subprocess.Popen(
            SLEEP, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=[descriptor]
        )
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)
    daemon.communicate()


def test_a_directory_that_cannot_be_made_is_the_sites_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SiteError) as caught, locked(tmp_path / "file", silent()):
        raise AssertionError
    assert caught.value.reference == "layers-directory"


def test_readers_share_a_lock_that_keeps_builds_waiting(tmp_path: Path) -> None:
    with locked(tmp_path, silent()):
        pass
    with shared(tmp_path, silent()), shared(tmp_path, silent()):
        assert is_locked(tmp_path)
        assert not is_locked(tmp_path, fcntl.LOCK_SH)
    assert not is_locked(tmp_path)


def test_what_only_reads_makes_nothing_and_needs_no_lock(tmp_path: Path) -> None:
    with shared(tmp_path, silent()):
        assert announce_run(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_nothing_runs_until_something_says_so(tmp_path: Path) -> None:
    with locked(tmp_path, silent()):
        assert running(tmp_path) is None


def test_a_process_is_known_as_long_as_it_runs(tmp_path: Path) -> None:
    with locked(tmp_path, silent()):
        descriptor = announce_run(tmp_path)
        assert descriptor is not None
        with subprocess.Popen(
            SLEEP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[descriptor]
        ) as process:
            assert running(tmp_path) == (os.getpid(),)
            os.close(descriptor)
            # The lock is the child's now, and known by the process that took it.
            assert running(tmp_path) == (os.getpid(),)
            process.communicate()
        assert running(tmp_path) is None


def test_where_the_system_does_not_list_locks_a_process_has_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(tmp_path, silent()):
        descriptor = announce_run(tmp_path)
        assert descriptor is not None
        monkeypatch.setattr(lock, "_LOCKS", str(tmp_path / "absent"))
        assert running(tmp_path) == ()
        os.close(descriptor)
