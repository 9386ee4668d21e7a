from __future__ import annotations

import atexit
import errno
import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.application import platform
from layerwright.cli.main import main
from layerwright.errors import Interrupted, LayerwrightError, SiteError, UserError
from layerwright.process.boundary import failure, leave, open_streams

if TYPE_CHECKING:
    from types import ModuleType


def test_an_error_that_is_meant_is_reported_as_it_is() -> None:
    error = UserError("Wrong.", reference="wrong")

    assert failure(error) is error


def test_a_full_disk_is_called_full() -> None:
    error = failure(OSError(errno.ENOSPC, "No space left on device", "/layers/file"))

    assert isinstance(error, SiteError)
    assert error.summary == "The disk is full."
    assert error.cause == "No space left on device: /layers/file"
    assert error.reference == "disk-full"


def test_what_the_operating_system_refuses_is_reported_in_its_words() -> None:
    assert failure(PermissionError(errno.EACCES, "Permission denied", "/layers")).cause == (
        "Permission denied: /layers"
    )
    assert failure(OSError("just so")).cause == "just so"


def test_an_interrupt_ends_as_a_shell_expects() -> None:
    error = failure(KeyboardInterrupt())

    assert isinstance(error, Interrupted)
    assert error.exit_status == 128 + signal.SIGINT


def test_anything_else_is_our_defect_and_says_so() -> None:
    try:
        raise ZeroDivisionError("division by zero")
    except ZeroDivisionError as raised:
        error = failure(raised)

    assert type(error) is LayerwrightError
    assert error.summary.startswith("This is a defect in Layerwright ")
    assert "test_main.py" in error.cause
    assert error.reference == "defect"


def test_the_boundary_renders_errors_and_returns_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", str(tmp_path / "nowhere")]) == 1
    assert "does not exist." in capsys.readouterr().err


MONITORING = SimpleNamespace(get_tool=lambda _number: None)


class Ending:
    """What the end of a process depends on, and how it ended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statuses: list[int] = []
        self.collector: list[str] = []
        monkeypatch.setattr(os, "_exit", self.statuses.append)
        for name in ("disable", "freeze"):
            monkeypatch.setattr(gc, name, lambda name=name: self.collector.append(name))
        # What the test runner itself has registered.
        monkeypatch.setattr(atexit, "_ncallbacks", lambda: 0)
        for name in ("getprofile", "gettrace"):
            monkeypatch.setattr(sys, name, lambda: None)
        monkeypatch.setattr(sys, "monitoring", MONITORING, raising=False)
        monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Ending:
    return Ending(monkeypatch)


def test_the_process_ends_with_the_status_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: Ending
) -> None:
    monkeypatch.setattr(sys, "argv", ["layerwright", "detect", str(tmp_path / "nowhere")])
    assert main() == 1
    assert ending.statuses == [1]
    assert ending.collector[0] == "disable"


@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_a_standard_stream_that_is_closed_becomes_the_null_device(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sys, name, None)
    open_streams()
    stream = getattr(sys, name)
    number = stream.fileno()
    try:
        assert os.fstat(number).st_rdev == Path(os.devnull).stat().st_rdev
        assert os.get_inheritable(number)
        assert stream.readable() if name == "stdin" else stream.write("lost")
    finally:
        # That writes the buffered rest, so the descriptor is still needed.
        stream.close()
        os.close(number)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_works_with_closed_streams(tmp_path: Path, closed: str) -> None:
    (tmp_path / "app.py").touch()
    (tmp_path / "requirements.txt").touch()
    command = f'"{sys.executable}" -m layerwright.cli detect "$1" {closed}'
    shown = subprocess.run(["sh", "-c", command, "sh", tmp_path], stderr=subprocess.PIPE, check=False)
    assert (shown.returncode, shown.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("of", "name", "value"),
    [
        (atexit, "_ncallbacks", 1),
        (sys, "getprofile", print),
        (sys, "gettrace", print),
        (MONITORING, "get_tool", "cProfile"),
        (threading, "active_count", 2),
    ],
)
def test_what_has_to_happen_before_the_process_ends_happens(
    monkeypatch: pytest.MonkeyPatch,
    ending: Ending,
    of: ModuleType | SimpleNamespace,
    name: str,
    value: object,
) -> None:
    monkeypatch.setattr(of, name, lambda *_: value)
    leave(3)
    assert ending.statuses == []
    assert ending.collector == ["freeze"]


def test_an_interpreter_that_does_not_count_callbacks_runs_them(
    monkeypatch: pytest.MonkeyPatch, ending: Ending
) -> None:
    monkeypatch.delattr(atexit, "_ncallbacks")
    leave(3)
    assert ending.statuses == []


def test_an_interpreter_without_monitoring_ends_at_once(
    monkeypatch: pytest.MonkeyPatch, ending: Ending
) -> None:
    monkeypatch.delattr(sys, "monitoring")
    leave(3)
    assert ending.statuses == [3]


def test_an_interpreter_that_would_go_on_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch, ending: Ending
) -> None:
    monkeypatch.setattr(sys, "flags", SimpleNamespace(inspect=1))
    monkeypatch.setattr(atexit, "_ncallbacks", lambda: 1)
    leave(3)
    assert ending.statuses == [3]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a:b", "':'"),
        ("quo'te", '"\'"'),
        ('dq"x`$', "'\"', '$', '`'"),
        ("line\nbreak", r"'\n'"),
        (os.fsdecode(b"\xff"), r"'\udcff'"),
    ],
)
def test_layers_where_search_paths_and_scripts_cannot_lead_are_refused(
    tmp_path: Path, name: str, shown: str
) -> None:
    with pytest.raises(UserError) as caught:
        platform(str(tmp_path), str(tmp_path / name), {})
    assert f"The path contains {shown}, which" in caught.value.cause
    assert caught.value.reference == "layers-path"
    with pytest.raises(UserError, match="cannot be used for layers"):
        platform(str(tmp_path), None, {"LAYERWRIGHT_CACHE_DIR": str(tmp_path / name)})
    (tmp_path / name).mkdir()
    usual = platform(str(tmp_path / name), None, {"LAYERWRIGHT_CACHE_DIR": str(tmp_path)})
    assert usual.layers.is_relative_to(tmp_path / "apps")


def test_a_directory_that_run_names_is_the_application_whatever_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "api").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LAYERWRIGHT_APP_DIR", "api")
    assert [main(["run", *words]) for words in ([], ["--app", "api"])] == [1, 1]
    shown = capsys.readouterr().err
    assert f"Build it: layerwright build {tmp_path}\n" in shown
    assert f"Build it: layerwright build {tmp_path}/api\n" in shown
