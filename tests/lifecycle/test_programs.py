"""``bin/detect`` and ``bin/build`` started by hand, where a lifecycle would be in the way."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.applications import Application
from layerwright.testing.machine import hostile_env, interpreters
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import MAIN, SharedIndex
from tests.lifecycle.ours import our_buildpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

pytestmark = pytest.mark.integration


class Programs:
    """The programs of our buildpack, and the least that a lifecycle gives them."""

    def __init__(self, place: Path, index: SharedIndex) -> None:
        self.index = index
        self.app = Application(place / "app")
        self.layers = place / "layers"
        self.plan = place / "plan.toml"
        self.variables = place / "platform" / "env"
        for directory in (self.app.path, self.layers, self.variables):
            directory.mkdir(parents=True)
        self.plan.touch()
        self.buildpack = our_buildpack(place)
        self.environment = {
            "CNB_BUILDPACK_DIR": str(self.buildpack),
            "CNB_PLATFORM_DIR": str(self.variables.parent),
            "CNB_TARGET_OS": "linux",
            "CNB_TARGET_ARCH": "amd64",
            "CNB_BUILD_PLAN_PATH": str(self.plan),
            "CNB_BP_PLAN_PATH": str(self.plan),
            "CNB_LAYERS_DIR": str(self.layers),
        }
        folders = os.pathsep.join(str(path.parent) for path in interpreters().values())
        self.user(**index.pip_env(), LAYERWRIGHT_PYTHON_PROVIDER="system", PATH=f"{folders}:{os.defpath}")
        self.app.write("requirements.txt", "acme\n")
        self.app.write("main.py", MAIN)

    def user(self, **variables: str) -> None:
        """Set *variables* as the user does."""
        for name, value in variables.items():
            (self.variables / name).write_text(value)

    def start(
        self, program: str, env: Mapping[str, str] | None = None, *before: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, self.buildpack / "bin" / program],
            cwd=self.app.path,
            env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, program: str, env: Mapping[str, str] | None = None, *before: str) -> tuple[int, str]:
        """Return how *program* ends, and what it says; *before* it on the command line is what starts it."""
        started = self.start(program, env, *before)
        output, _ = started.communicate(timeout=300)
        assert "Traceback" not in output
        return started.returncode, output

    def records(self) -> set[str]:
        """Return the names of the layers that have a record; ``ValueError``: one cannot be read."""
        paths = self.layers.glob("*.toml")
        return {path.stem for path in paths if "metadata" in tomllib.loads(path.read_text())}


@pytest.fixture
def programs(place: Path) -> Iterator[Programs]:
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with SharedIndex() as index:
        index.reset()
        yield Programs(place, index)


@pytest.mark.parametrize("program", ["detect", "build"])
def test_every_variable_that_is_missing_is_named_at_once(programs: Programs, program: str) -> None:
    plan = {"detect": "CNB_BUILD_PLAN_PATH", "build": "CNB_BP_PLAN_PATH"}[program]
    gone = {plan, "CNB_TARGET_OS", "CNB_PLATFORM_DIR", *({"CNB_LAYERS_DIR"} if program == "build" else ())}
    for name in gone:
        del programs.environment[name]
    status, output = programs.run(program)
    assert status == 1
    assert all(name in output for name in gone)
    assert output.count("Reference: ") == 1


@pytest.mark.parametrize("program", ["detect", "build"])
def test_whatever_is_in_the_environment_our_own_interpreter_starts(programs: Programs, program: str) -> None:
    status, output = programs.run(
        program, {**hostile_env(), "HOME": "/invalid", "LD_LIBRARY_PATH": "/invalid"}
    )
    assert status == 0, output


def test_there_need_be_no_home_directory_and_no_path(programs: Programs) -> None:
    assert not {"HOME", "PATH"} & programs.environment.keys()
    status, output = programs.run("build")
    assert status == 0, output
    assert programs.records() >= {"python", "tool-pip", "venv"}


def test_the_plan_of_a_build_may_be_absent(programs: Programs) -> None:
    programs.plan.unlink()
    programs.app.write("requirements.txt", "nothing-of-that-name\n")
    status, output = programs.run("build")
    assert status == 1
    assert "nothing-of-that-name" in output


@pytest.mark.parametrize("content", ["[[entries", "entries = 1", "entries = [1]", b"\xff"])
def test_a_damaged_plan_is_named(programs: Programs, content: str | bytes) -> None:
    programs.plan.write_bytes(content.encode() if isinstance(content, str) else content)
    status, output = programs.run("build")
    assert status == 1
    assert str(programs.plan) in output


@pytest.mark.parametrize("arguments", [(), ("compile",), ("detect", "build")])
def test_the_source_of_the_buildpack_is_started_with_a_phase(
    programs: Programs, arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [sys.executable, "-I", programs.buildpack / "buildpack.py", *arguments],
        env=programs.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "detect or build" in done.stderr


def test_a_build_that_is_ended_leaves_nothing_that_a_later_one_trusts(programs: Programs) -> None:
    # A signal that comes while coverage holds its lock waits for that lock for ever.
    programs.buildpack = our_buildpack(programs.layers.parent, measured=False)
    fault = programs.index.stall("*/acme*")
    started = programs.start("build")
    while not (programs.layers / "venv" / "bin" / "python").exists() and started.poll() is None:
        time.sleep(0.02)
    assert started.poll() is None
    started.send_signal(signal.SIGTERM)
    output, _ = started.communicate(timeout=60)
    fault.lift()
    assert started.returncode not in (0, 100), output
    assert "Traceback" not in output
    assert "venv" not in programs.records()
    assert not (programs.layers / "launch.toml").exists()
    assert not [path.name for path in programs.layers.iterdir() if path.name.endswith(".tmp")]
    status, output = programs.run("build")
    assert status == 0, output
    assert "Layer python kept" in output
    assert "Layer venv created" in output


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv to become another user")
def test_a_layers_directory_that_cannot_be_written_is_named(programs: Programs) -> None:
    programs.layers.chmod(0o555)
    programs.buildpack = our_buildpack(programs.layers.parent, measured=False)
    # The user who builds reads what root may read: the interpreter can be in root's home.
    user = ("--reuid=1000", "--regid=1000", "--clear-groups")
    capability = (
        "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search",
        "--securebits=+no_setuid_fixup",
    )
    status, output = programs.run("build", None, "/usr/bin/setpriv", *user, *capability)
    assert status == 1
    assert str(programs.layers) in output
    assert output.count("Reference: ") == 1
    assert list(programs.layers.iterdir()) == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a small disk")
def test_a_full_disk_is_named_and_leaves_nothing_that_a_later_build_trusts(programs: Programs) -> None:
    small = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(programs.layers)]
    if subprocess.run(small, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        status, output = programs.run("build")
        assert programs.records() == set()
    finally:
        subprocess.run(["umount", str(programs.layers)], check=True)
    assert status == 1
    assert "disk is full" in output or "No space left" in output
    assert output.count("Reference: ") == 1
