"""Unpacked wheels are, byte for byte, what pip installs."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.build.wheels.install import install_wheels
from layerwright.contract.distributions import make_venv
from layerwright.contract.wheels import LockedWheels
from layerwright.files.removal import remove_tree
from layerwright.pythons.interpreter import Interpreter
from layerwright.testing.machine import clean_env, interpreters
from tests.fixtures.wheelhouse import is_complete, wheelhouse

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.process.command import Command

pytestmark = pytest.mark.integration

MINOR = "{}.{}".format(*sys.version_info)
# Versioned scripts; console scripts; an extension module; vendored distributions with metadata of their own.
NAMES = (
    "pip-26.3",
    "gunicorn-27.0.1",
    "packaging-26.3",
    f"markupsafe-3.0.4-cp{MINOR.replace('.', '')}",
    "setuptools-84.2.1",
)


def run(command: Command) -> None:
    subprocess.run(command.argv, env=clean_env(command.cwd or wheelhouse()), check=True)


def contents(layer: Path) -> dict[str, tuple[int, bytes | str]]:
    """Return the mode and the content of each file, and the target of each link, by path."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for path in layer.rglob("*"):
        what = str(path.readlink()) if path.is_symlink() else path.is_file() and path.read_bytes()
        found[path.relative_to(layer).as_posix()] = (path.lstat().st_mode, what or "")
    return found


def test_unpacked_wheels_are_what_pip_installs(tmp_path: Path) -> None:
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    wheels = [next(wheelhouse().glob(f"{name}-*.whl")) for name in NAMES]
    lock = "".join(
        "{}=={} --hash=sha256:{}\n".format(
            *wheel.name.split("-")[:2], hashlib.sha256(wheel.read_bytes()).hexdigest()
        )
        for wheel in wheels
    )
    python = interpreters()[MINOR]
    interpreter = Interpreter(version=f"{MINOR}.0", prefix=python.parents[1])
    layer = tmp_path / "layer"
    layer.mkdir()

    locked = LockedWheels(hashed=lock, scripts=("gunicorn",))
    assert install_wheels(locked, layer, interpreter, run=run, shelf=wheelhouse(), beside=())
    unpacked = contents(layer / "venv")

    remove_tree(layer)
    run(make_venv(interpreter, layer / "venv"))
    options = ("--no-deps", "--require-hashes", "--no-compile", "--no-index", "--quiet")
    subprocess.run(
        [
            *(layer / "venv" / "bin" / "python", "-I", wheels[0] / "pip", "install", *options),
            *(f"--find-links={wheelhouse()}", "--requirement=/dev/stdin"),
        ],
        input=lock,
        text=True,
        env=clean_env(tmp_path),
        check=True,
    )
    installed = contents(layer / "venv")
    assert unpacked.keys() == installed.keys()
    assert [name for name in installed if installed[name] != unpacked[name]] == []
