"""The command that downloads what is missing, with the pip that is installed beside Layerwright."""

from __future__ import annotations

import sys
from pathlib import Path

from layerwright import Command, LockedWheels, SecretStr
from layerwright.build.wheels.downloads.by_pip import download_command
from layerwright.build.wheels.pins import Pin
from tests.unit.build.wheels.samples import PYTHON

ACME = Pin("acme", "1.0", frozenset({"sha256:0"}))
BASE = Pin("base", "2.0", frozenset({"sha256:2", "sha256:1"}))
INDEX = {"PIP_INDEX_URL": SecretStr("https://me:secret@example.com/simple"), "PIP_CONFIG_FILE": "/dev/null"}
LOCKED = LockedWheels(hashed="", index=INDEX)
INTO = Path("/tmp/wheels")
PIP = f"{sys.prefix}/lib/python3/site-packages/pip/__init__.py"


def command(*missing: Pin, locked: LockedWheels = LOCKED, pip: str = PIP) -> Command | None:
    environment = {
        "PIP_TARGET": "/elsewhere",
        "PIP_INDEX_URL": "https://example.com/other",
        "HOME": "/home/me",
    }
    return download_command(locked, missing, PYTHON, INTO, environment, pip=pip)


def test_exactly_what_is_locked_is_downloaded_for_the_interpreter_and_this_machine() -> None:
    found = command(ACME, BASE)
    assert found is not None
    assert found.argv[:5] == (sys.executable, "-I", "-m", "pip", "download")
    assert {"--no-deps", "--require-hashes", "--only-binary=:all:", "--python-version=3.13"} < {*found.argv}
    assert f"--dest={INTO}" in found.argv
    assert any(word.startswith("--platform=") for word in found.argv)
    assert found.stdin == "acme==1.0 --hash=sha256:0\nbase==2.0 --hash=sha256:1 --hash=sha256:2\n"
    assert found.cwd == INTO


def test_the_index_is_the_one_of_the_tool() -> None:
    found = command(ACME)
    assert found is not None
    assert found.env["PIP_INDEX_URL"] == INDEX["PIP_INDEX_URL"]
    assert found.env["PIP_CONFIG_FILE"] == "/dev/null"
    assert found.env["PIP_TARGET"] is None
    assert "HOME" not in found.env


def test_the_log_says_what_is_downloaded_and_a_failure_what_to_do() -> None:
    one, more = command(ACME), command(ACME, BASE)
    assert one is not None
    assert more is not None
    assert one.words == "pip download acme==1.0"
    assert more.words == "pip download 2 locked distributions"
    assert one.reference == "tool-not-installed"
    assert "PIP_INDEX_URL" in one.remedy[0]


def test_a_tool_without_an_index_is_not_downloaded() -> None:
    assert command(ACME, locked=LockedWheels(hashed="")) is None


def test_a_pip_of_another_environment_is_not_used() -> None:
    assert command(ACME, pip="/usr/lib/python3/dist-packages/pip/__init__.py") is None
    assert command(ACME, pip="") is None


def test_the_pip_beside_layerwright_is_found() -> None:
    found = download_command(LOCKED, [ACME], PYTHON, INTO, {})
    assert found is None or found.argv[0] == sys.executable
