"""The tool layer is described as values, which say how pip gets there and what that depends on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_pip
from layerwright import LayerEnv, PythonDependence, SecretStr, WheelLayout
from layerwright_pip.manager import PipSettings
from layerwright_pip.tool import tool_layer
from tests.unit.pip.requests import NO_FILES, tool_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

PACKAGE = Path(layerwright_pip.__file__).parent


@pytest.mark.parametrize(
    ("python", "version"),
    [("3.14.1", "26.3"), ("3.10.9", "26.3"), ("3.9.25", "26.0.1"), ("3.8.20", "25.0.1")],
)
def test_the_default_is_the_newest_pip_for_the_interpreter_pinned_by_hash(
    app: Application, python: str, version: str
) -> None:
    layer = tool_layer(tool_request(app, python=python))
    hashes = layer.inputs["hashes"].split()
    assert layer.version == version
    assert len(hashes) == 2
    assert layer.install[0].stdin == f"pip=={version} --hash={hashes[0]} --hash={hashes[1]}\n"
    assert "--require-hashes" in layer.install[0].argv


def test_the_lock_is_what_the_requirements_ask_for() -> None:
    wanted = (PACKAGE.parents[3] / "requirements" / "pip.in").read_text()
    locked = (PACKAGE / "pip.lock").read_text()
    pin = re.compile(r"^pip==([0-9.]+)", re.MULTILINE)
    assert sorted(pin.findall(wanted)) == sorted(pin.findall(locked))


def test_a_locked_pip_can_be_unpacked_where_pip_would_install_it(app: Application) -> None:
    layer = tool_layer(tool_request(app, python="3.14.1"))
    assert layer.wheels is not None
    assert (layer.wheels.hashed, layer.wheels.layout) == (layer.install[0].stdin, WheelLayout.USER)
    assert layer.wheels.scripts == ("pip", "pip3", "pip3.14")
    assert layer.wheels.index == {"PIP_CONFIG_FILE": "/dev/null"}
    assert tool_layer(tool_request(app, settings=PipSettings(version="24.0"))).wheels is None


def test_the_files_of_each_locked_wheel_are_known() -> None:
    locked = (PACKAGE / "pip.lock").read_text()
    known = [line.split() for line in (PACKAGE / "contents.txt").read_text().splitlines()]
    assert len(known) == locked.count("pip==")
    assert all(f"--hash={wheel} " in locked or f"--hash={wheel}\n" in locked for wheel, _ in known)


def test_a_version_without_shipped_hashes_depends_on_where_it_comes_from(app: Application) -> None:
    environment = NO_FILES | {"PIP_INDEX_URL": "https://user:pass@example.com/simple", "PIP_CERT": "/ca.pem"}
    layer = tool_layer(tool_request(app, settings=PipSettings(version="24.0"), environment=environment))
    assert layer.version == "24.0"
    assert layer.inputs == {
        "hashes": "not hash-pinned",
        "pip setting index-url": "https://example.com/simple",
    }
    assert layer.install[0].stdin == "pip==24.0\n"
    assert "--require-hashes" not in layer.install[0].argv


def test_a_configured_version_with_shipped_hashes_is_pinned(app: Application) -> None:
    layer = tool_layer(tool_request(app, settings=PipSettings(version="26.0.1")))
    assert layer.inputs["hashes"].startswith("sha256:")


def test_with_hashes_the_index_makes_no_difference(app: Application) -> None:
    layer = tool_layer(tool_request(app))
    other = tool_layer(
        tool_request(app, environment=NO_FILES | {"PIP_INDEX_URL": "https://example.com/simple"})
    )
    assert layer.inputs == other.inputs


def test_of_the_users_settings_only_the_index_reaches_the_installation(app: Application) -> None:
    secret = "https://user:pass@example.com/simple"
    environment = NO_FILES | {"PIP_INDEX_URL": secret, "PIP_PRE": "1", "PIP_TARGET": "x", "HOME": "/home/me"}
    env = tool_layer(tool_request(app, environment=environment)).install[0].env
    assert env == {
        "PIP_BREAK_SYSTEM_PACKAGES": "1",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": SecretStr(secret),
        "PIP_PRE": None,
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_TARGET": None,
        "PYTHONUSERBASE": "/layers/tool-pip",
    }


def test_pip_serves_the_virtual_environment_wherever_its_layer_is(app: Application) -> None:
    layer = tool_layer(tool_request(app))
    assert layer.env == LayerEnv().override("PIP_DISABLE_PIP_VERSION_CHECK", "1").override(
        "PIP_PYTHON", "/layers/venv"
    ).override("PYTHONUSERBASE", "/layers/tool-pip")
    assert (layer.depends_on_python, layer.depends_on_target) == (PythonDependence.MINOR, False)


def test_the_stand_ins_tell_three_ways_in_three_lines(app: Application) -> None:
    stand_ins = tool_layer(tool_request(app)).stand_ins
    assert stand_ins["pip"] == stand_ins["pip3"]
    assert len(stand_ins["pip"].splitlines()) == 3
    for way in ("ensurepip", "requirements", "launch = true"):
        assert way in stand_ins["pip"]


def test_the_log_has_few_words_and_the_command_runs_in_its_own_layer(app: Application) -> None:
    command = tool_layer(tool_request(app)).install[0]
    assert command.words == "pip install --user pip==26.3"
    assert command.cwd == Path("/layers/tool-pip")
    assert (command.argv[0], command.argv[2]) == ("/layers/python/bin/python3.13", "install")


def test_the_layer_is_empty_where_uv_installs_in_its_place(app: Application) -> None:
    tool = tool_layer(tool_request(app, settings=PipSettings(installer="uv")))
    assert (tool.version, tool.install, tool.depends_on_python) == ("26.3", (), PythonDependence.NONE)
    assert tool.stand_ins.keys() == {"pip", "pip3"}


def test_pip_is_there_for_launch_whoever_installs(app: Application) -> None:
    assert tool_layer(tool_request(app, settings=PipSettings(installer="uv", launch=True))).install
