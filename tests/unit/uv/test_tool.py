"""The tool layer is described as values: which uv, how it gets there, what that depends on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_uv
from layerwright import LayerEnv, PythonDependence, Scope, SecretStr, UserError, WheelLayout
from layerwright_uv.manager import UvSettings
from layerwright_uv.tool import tool_layer
from tests.unit.uv.requests import NO_FILES, tool_request

if TYPE_CHECKING:
    from layerwright import Command, ToolLayer
    from layerwright.testing.applications import Application

PACKAGE = Path(layerwright_uv.__file__).parent
TABLE = "[tool.uv]\nrequired-version = {}\n"


def installing(layer: ToolLayer) -> Command:
    [command] = (command for command in layer.install if command.words.startswith("pip install"))
    return command


def test_the_default_is_pinned_by_hash_and_made_from_the_target_alone(app: Application) -> None:
    layer = tool_layer(tool_request(app))
    command = installing(layer)
    assert (layer.version, command.words) == ("0.13.9", "pip install uv==0.13.9")
    assert "--require-hashes" in command.argv
    assert command.stdin.startswith("uv==0.13.9 \\\n    --hash=sha256:")
    assert list(layer.inputs) == ["lock"]
    assert (layer.depends_on_python, layer.depends_on_target) == (PythonDependence.NONE, True)


def test_a_locked_uv_can_be_extracted_without_pip(app: Application) -> None:
    layer = tool_layer(tool_request(app))
    assert layer.wheels is not None
    assert layer.wheels.hashed == installing(layer).stdin
    assert (layer.wheels.layout, layer.wheels.scripts) == (WheelLayout.EXECUTABLES, ("uv", "uvx"))
    # For two architectures with two C libraries; one of the wheels is for both of these.
    assert len(layer.wheels.contents) == 3
    assert all(f"--hash={wheel}" in layer.wheels.hashed for wheel in layer.wheels.contents)
    assert tool_layer(tool_request(app, settings=UvSettings(version="0.9.0"))).wheels is None


def test_only_the_executables_are_kept(app: Application) -> None:
    assert tool_layer(tool_request(app)).install[-1].argv[-4:] == ("extract", "/layers/tool-uv", "uv", "uvx")


def test_another_version_depends_on_where_it_comes_from(app: Application) -> None:
    environment = NO_FILES | {"UV_DEFAULT_INDEX": "https://user:pass@example.com/simple"}
    layer = tool_layer(tool_request(app, settings=UvSettings(version="0.9.0"), environment=environment))
    assert layer.version == "0.9.0"
    assert layer.inputs == {
        "not hash-pinned": "uv==0.9.0",
        "PIP_INDEX_URL": "https://****@example.com/simple",
    }
    assert installing(layer).stdin == "uv==0.9.0\n"
    assert "--require-hashes" not in installing(layer).argv


@pytest.mark.parametrize(
    ("environment", "index"),
    [
        ({}, None),
        ({"UV_INDEX_URL": "https://example.com/simple"}, "https://example.com/simple"),
        ({"UV_DEFAULT_INDEX": "own=https://example.com/simple"}, "https://example.com/simple"),
        (
            {"UV_DEFAULT_INDEX": "https://me:pass@example.com/simple"},
            SecretStr("https://me:pass@example.com/simple"),
        ),
        (
            {"UV_INDEX_URL": "https://example.com/1", "PIP_INDEX_URL": "https://example.com/2"},
            "https://example.com/2",
        ),
    ],
)
def test_uv_comes_from_the_index_that_uv_is_set_to_unless_pip_is_set_to_one(
    app: Application, environment: dict[str, str], index: object
) -> None:
    command = installing(tool_layer(tool_request(app, environment=NO_FILES | environment)))
    assert command.env.get("PIP_INDEX_URL") == index


@pytest.mark.parametrize(
    ("file", "text", "version"),
    [
        ("pyproject.toml", TABLE.format('">=0.13,<1"'), "0.13.9"),
        ("pyproject.toml", TABLE.format('">= 0.13"'), "0.13.9"),
        ("pyproject.toml", TABLE.format('"0.13.9"'), "0.13.9"),
        ("pyproject.toml", TABLE.format('"==0.12.1"'), "0.12.1"),
        ("uv.toml", 'required-version = "0.12.1"\n', "0.12.1"),
        ("uv.toml", "", "0.13.9"),
        ("pyproject.toml", "[tool]\nuv = 3\n", "0.13.9"),
    ],
)
def test_the_version_that_the_application_requires_decides(
    app: Application, file: str, text: str, version: str
) -> None:
    app.write(file, text)
    assert tool_layer(tool_request(app)).version == version


def test_a_uv_toml_takes_the_place_of_the_table(app: Application) -> None:
    app.write("pyproject.toml", TABLE.format('"<0.1"'))
    app.write("uv.toml", 'required-version = ">=0.13"\n')
    assert tool_layer(tool_request(app)).version == "0.13.9"


@pytest.mark.parametrize(
    ("required", "configured", "words"),
    [
        ("<0.13", None, "0.13.9 is the default"),
        (">=0.14", None, "0.13.9 is the default"),
        ("not a version", None, "0.13.9 is the default"),
        ("==0.12.1", "0.12.2", "0.12.2 is the configured one"),
        (">=0.13", "0.12.2", "0.12.2 is the configured one"),
    ],
)
def test_a_version_that_the_application_does_not_allow_is_an_error(
    app: Application, required: str, configured: str | None, words: str
) -> None:
    app.write("pyproject.toml", TABLE.format(f'"{required}"'))
    with pytest.raises(UserError) as raised:
        tool_layer(tool_request(app, settings=UvSettings(version=configured)))
    origin = "tool.uv.required-version in pyproject.toml"
    assert raised.value.cause == f"{origin} is {required}, and {words}."
    assert raised.value.reference == "required-tool-version"


def test_settings_outside_of_the_application_are_refused(app: Application) -> None:
    (app.path.parent / "secret").write_text('required-version = "hunter2"\n')
    (app.path / "uv.toml").symlink_to("../secret")
    with pytest.raises(UserError, match=r"uv\.toml is a link to a file outside"):
        tool_layer(tool_request(app))


def test_a_version_that_is_too_old_is_an_error(app: Application) -> None:
    app.write("pyproject.toml", TABLE.format('"==0.5.31"'))
    with pytest.raises(UserError, match=r"uv 0\.5\.31, which the application requires, is too old"):
        tool_layer(tool_request(app))


def test_at_launch_uv_acts_on_the_venv_as_it_is_and_needs_no_home(app: Application) -> None:
    env = LayerEnv().default("UV_NO_CACHE", "1", scope=Scope.LAUNCH)
    for name, value in (
        ("UV_FROZEN", "1"),
        ("UV_NO_SYNC", "1"),
        ("UV_PROJECT_ENVIRONMENT", "/layers/venv"),
        ("UV_PYTHON_DOWNLOADS", "never"),
    ):
        env = env.override(name, value)
    layer = tool_layer(tool_request(app))
    assert layer.env == env
    assert layer.launchers == ("uv run",)


def test_the_stand_ins_say_what_to_do_in_three_lines(app: Application) -> None:
    stand_ins = tool_layer(tool_request(app)).stand_ins
    assert stand_ins.keys() == {"uv", "uvx"}
    assert len(stand_ins["uv"].splitlines()) == 3
    assert "instead of `uv run COMMAND`, run COMMAND" in stand_ins["uv"]
    assert "launch = true" in stand_ins["uvx"]


def test_the_lock_is_what_the_requirements_ask_for() -> None:
    wanted = (PACKAGE.parents[3] / "requirements" / "uv.in").read_text()
    [pin] = re.findall(r"^uv==\S+", wanted, re.MULTILINE)
    assert (PACKAGE / "tool.lock").read_text().startswith(f"{pin} ")
