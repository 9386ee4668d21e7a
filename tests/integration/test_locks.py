"""Every lock file installs what it pins, on a day when the index has a newer release of everything."""

from __future__ import annotations

import dataclasses
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import layerwright_pdm
from layerwright import Interpreter, Project, Target, ToolRequest
from layerwright.buildpack.package._distributions import install
from layerwright.buildpack.package._selection import Selection
from layerwright.buildpack.package.locks import pinned
from layerwright.buildpack.package.target import machine_of
from layerwright.plugins.declarative.read import read_package_manager
from layerwright.process.runner import Runner
from layerwright.testing.distributions import wheel
from layerwright.testing.machine import clean_env, interpreters
from layerwright_pip.manager import Pip
from layerwright_pipenv.manager import Pipenv
from layerwright_poetry.manager import Poetry
from layerwright_uv.manager import Uv
from requirements.locks import LOCKS, ROOT
from requirements.metadata import of_installed, of_wheels
from tests.fixtures.wheelhouse import TOOL_LOCKS, fill, tool_wheelhouse, wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright import PackageManager
    from layerwright.testing.loopback.index import PackageIndex

pytestmark = pytest.mark.integration

KNOWN: Final = of_installed()
for directory in (wheelhouse(), *map(tool_wheelhouse, TOOL_LOCKS)):
    KNOWN |= of_wheels(directory)


class Locked:
    """A lock, for the oldest CPython of this machine that it supports: that one has the oldest pip.

    The index has a stand-in of every distribution, which requires what the real one does, and a newer release of each
    that requires what there is not. *text* is the lock with the hashes of the stand-ins.
    """

    def __init__(self, name: str, index: PackageIndex, root: Path) -> None:
        lock = LOCKS[name]
        self.root = root
        minors = [minor for minor in interpreters() if _key(minor) >= _key(lock.oldest)]
        self.python = interpreters()[minors[0]]
        self.version = subprocess.check_output(
            [self.python, "-c", "import platform; print(platform.python_version())"], text=True
        ).strip()
        self.markers = machine_of("").marker_environment(self.version)
        self.pins = pinned([lock.file], self.markers)
        for pin in self.pins.values():
            there = KNOWN.get((pin.name, pin.version))
            index.add(wheel(pin.name, pin.version, requires=there.requires if there else ()))
            index.add(wheel(pin.name, "9999", requires=["nowhere"]))
        self.lines = [index.requirement(pin.name, pin.version) for pin in self.pins.values()]
        self.text = "".join(f"{line}\n" for line in self.lines)
        self.environment = {**clean_env(root), **index.pip_env()}

    @property
    def expected(self) -> set[tuple[str, str]]:
        return {(pin.name, pin.version) for pin in self.pins.values()}

    def run(self, argv: Iterable[str], cwd: Path) -> str:
        return subprocess.check_output([*argv], cwd=cwd, env=self.environment, text=True)


def _key(minor: str) -> tuple[int, ...]:
    return tuple(map(int, minor.split(".")))


def installed(place: Path) -> set[tuple[str, str]]:
    """Return what is in the only site-packages directory below *place*, by normalised name."""
    [site] = place.glob("lib/python3.*/site-packages")
    found = (path.stem.rsplit("-", 1) for path in site.glob("*.dist-info"))
    return {(name.replace("_", "-"), version) for name, version in found}


@pytest.mark.parametrize("name", ["run", "dev"])
def test_the_requirements_of_the_clone_install_as_make_does_it(
    name: str, index: PackageIndex, tmp_path: Path
) -> None:
    locked = Locked(name, index, tmp_path)
    venv = tmp_path / "venv"
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / f"{name}.txt").write_text(locked.text)
    said = locked.run(["make", "-n", "develop", f"VENV={venv}", f"PYTHON={locked.python}"], ROOT)
    commands = [shlex.split(line) for line in said.splitlines()]
    [make_venv] = (words for words in commands if words[1:3] == ["-m", "venv"])
    [install_lock] = (words for words in commands if words[-1] == f"requirements/{name}.txt")
    assert "--require-hashes" in install_lock

    locked.run(make_venv, tmp_path)
    bundled = installed(venv)
    locked.run(install_lock, tmp_path)
    assert installed(venv) - bundled == locked.expected


def managers() -> Mapping[str, PackageManager]:
    return {
        "pip": Pip(),
        "poetry": Poetry(),
        "uv": Uv(),
        "pdm": read_package_manager(Path(layerwright_pdm.__file__).with_name("package-manager.toml")),
        "pip-tools": read_package_manager(
            ROOT / "examples/plugins/pip-tools/src/layerwright_pip_tools/package-manager.toml"
        ),
        "pipenv": Pipenv(),
    }


@pytest.mark.parametrize("name", ["pip", "poetry", "uv", "pdm", "pip-tools", "pipenv"])
def test_a_tool_installs_as_its_plugin_does_it(name: str, index: PackageIndex, tmp_path: Path) -> None:
    manager = managers()[name]
    locked = Locked(name, index, tmp_path)
    layer = tmp_path / "tool"
    layer.mkdir()
    (tmp_path / "app").mkdir()
    tool = manager.tool_layer(
        ToolRequest(
            project=Project(tmp_path / "app"),
            settings=manager.settings_model(),
            environment=locked.environment,
            interpreter=Interpreter(version=locked.version, prefix=locked.python.parents[1]),
            target=Target(os="linux", arch="amd64"),
            layer=layer,
            venv=tmp_path / "venv",
        )
    )
    runner = Runner(env=locked.environment)
    # The last command is about the tool's scripts, which the stand-ins do not have.
    for command in tool.install[:2]:
        stdin = locked.text if "--require-hashes" in command.argv else ""
        assert bool(command.stdin) == bool(stdin)
        runner.run(dataclasses.replace(command, stdin=stdin))
    assert installed(layer / "venv" if (layer / "venv").exists() else layer) == locked.expected


def test_the_dependencies_of_a_buildpack_install_as_they_are_packaged(
    index: PackageIndex, tmp_path: Path
) -> None:
    locked = Locked("runtime", index, tmp_path)
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    (tmp_path / "work").mkdir()
    pins = [
        dataclasses.replace(pin, hashes=tuple(word.removeprefix("--hash=") for word in line.split()[1:]))
        for pin, line in zip(locked.pins.values(), locked.lines, strict=True)
    ]
    install(
        Selection(copied=(), built={}, pins=tuple(pins), plugins=()),
        site,
        work=tmp_path / "work",
        python=locked.python,
        machine=machine_of(""),
        markers=locked.markers,
        environment=locked.environment,
        runner=Runner(env=locked.environment),
    )
    assert installed(tmp_path) == locked.expected


def test_the_wheelhouse_is_filled_with_what_is_locked(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = Locked("wheelhouse", index, tmp_path)
    (tmp_path / "wheelhouse.txt").write_text(locked.text)
    for name, value in locked.environment.items():
        monkeypatch.setenv(name, value)
    fill(tmp_path / "wheels", tmp_path / "wheelhouse.txt", [locked.version.rpartition(".")[0]])
    found = of_wheels(tmp_path / "wheels")
    assert set(found) == locked.expected
