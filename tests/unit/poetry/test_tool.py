"""The tool layer is described as values, which say how Poetry gets there and what that depends on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_poetry
from layerwright import LayerEnv, PythonDependence, UserError
from layerwright_poetry.manager import PoetrySettings
from layerwright_poetry.tool import tool_layer
from tests.unit.poetry.requests import tool_request

if TYPE_CHECKING:
    from layerwright import ToolLayer
    from layerwright.testing.applications import Application

PACKAGE = Path(layerwright_poetry.__file__).parent
LOCK = (PACKAGE / "poetry.txt").read_text()


def shown(layer: ToolLayer) -> list[str]:
    return [command.words for command in layer.install]


def requiring(app: Application, requirement: str, settings: PoetrySettings | None = None) -> ToolLayer:
    app.write("pyproject.toml", f"[tool.poetry]\n{requirement}\n")
    return tool_layer(tool_request(app, settings=settings))


@pytest.mark.parametrize(
    ("python", "version"), [("3.14.1", "2.5.1"), ("3.10.9", "2.5.1"), ("3.9.25", "2.2.1")]
)
def test_the_default_is_the_newest_poetry_for_the_interpreter_locked_by_hash(
    app: Application, python: str, version: str
) -> None:
    layer = tool_layer(tool_request(app, python=python))
    assert layer.version == version
    assert list(layer.inputs) == ["lock"]
    assert layer.inputs["lock"].startswith("sha256:")
    assert layer.install[1].stdin == LOCK
    assert shown(layer) == ["python -m venv", f"pip install poetry=={version}", "put poetry on PATH"]


def test_the_lock_is_what_is_asked_for() -> None:
    wanted = (PACKAGE.parents[3] / "requirements" / "poetry.in").read_text()
    pin = re.compile(r"^poetry==([0-9.]+)", re.MULTILINE)
    assert sorted(pin.findall(wanted)) == sorted(pin.findall(LOCK))


def test_everything_in_the_lock_has_a_hash() -> None:
    distributions = re.findall(r"^\S+==.*\\\n    --hash=sha256:", LOCK, re.MULTILINE)
    assert len(distributions) == len(re.findall(r"^\S+==", LOCK, re.MULTILINE)) > 60


def test_only_of_the_default_without_plugins_it_is_known_what_is_imported(app: Application) -> None:
    modules = tool_layer(tool_request(app)).compiled.splitlines()
    assert modules == sorted(set(modules))
    assert {"poetry/factory.py", "poetry/core/factory.py", "cleo/application.py"} < {*modules}
    others = (
        tool_layer(tool_request(app, settings=PoetrySettings(version="2.4.0"))),
        tool_layer(tool_request(app, settings=PoetrySettings(with_=("poetry-a",)))),
        tool_layer(tool_request(app, python="3.9.25")),
    )
    assert [other.compiled for other in others] == ["", "", ""]


def test_another_version_depends_on_where_it_comes_from(app: Application) -> None:
    environment = {"PIP_INDEX_URL": "https://user:pass@example.com/simple", "PIP_CERT": "/ca.pem"}
    layer = tool_layer(tool_request(app, settings=PoetrySettings(version="2.4.0"), environment=environment))
    assert layer.version == "2.4.0"
    assert layer.inputs == {
        "not hash-pinned": "poetry==2.4.0",
        "PIP_INDEX_URL": "https://****@example.com/simple",
    }
    assert shown(layer)[1] == "pip install poetry==2.4.0 (not hash-pinned)"
    assert layer.install[1].stdin == "poetry==2.4.0\n"


def test_the_version_that_is_the_default_is_locked_even_if_it_is_configured(app: Application) -> None:
    assert list(tool_layer(tool_request(app, settings=PoetrySettings(version="2.5.1"))).inputs) == ["lock"]


@pytest.mark.parametrize(
    ("requirement", "version"),
    [
        ('requires-poetry = ">=2.1"', "2.5.1"),
        ('requires-poetry = "^2.0"', "2.5.1"),
        ('requires-poetry = "2.4.0"', "2.4.0"),
        ('requires-poetry = "==2.1.4"', "2.1.4"),
        ('requires-poetry = "^1 || ^3"', "2.5.1"),
        ('requires-poetry = "*"', "2.5.1"),
        ("requires-poetry = 2", "2.5.1"),
    ],
)
def test_the_version_that_the_application_requires(app: Application, requirement: str, version: str) -> None:
    assert requiring(app, requirement).version == version


def test_a_version_that_is_too_old_is_an_error(app: Application) -> None:
    with pytest.raises(UserError, match=r"Poetry 1\.8\.5, which the application requires, is too old"):
        requiring(app, 'requires-poetry = "1.8.5"')


def test_the_settings_come_before_what_the_application_requires(app: Application) -> None:
    settings = PoetrySettings(version="2.4.0")
    assert requiring(app, 'requires-poetry = ">=2"', settings).version == "2.4.0"


@pytest.mark.parametrize(
    ("required", "settings", "version"),
    [(">=3", None, "2.5.1"), ("2.4.0", PoetrySettings(version="2.3.0"), "2.3.0")],
)
def test_a_version_that_the_application_excludes_is_an_error(
    app: Application, required: str, settings: PoetrySettings | None, version: str
) -> None:
    with pytest.raises(UserError, match=f"does not allow Poetry {version}\\.") as raised:
        requiring(app, f'requires-poetry = "{required}"', settings)
    assert raised.value.reference == "required-tool-version"
    assert required in raised.value.cause


def test_plugins_are_resolved_beside_what_is_locked(app: Application) -> None:
    layer = requiring(
        app,
        '[tool.poetry.requires-plugins]\npoetry-a = "^1.2"\nPoetry_B = "*"\npoetry-c = { version = ">=3" }',
        PoetrySettings(with_=("poetry.b[x]>=2", "poetry-d")),
    )
    plugins = "poetry.b[x]>=2 poetry-d poetry-a>=1.2,<2 poetry-c>=3"
    assert layer.inputs["not hash-pinned"] == plugins
    assert layer.inputs.keys() == {"lock", "not hash-pinned"}
    assert shown(layer)[2] == f"pip install {plugins} (not hash-pinned)"


@pytest.mark.parametrize("wanted", ['"^1 || ^2"', '{ git = "https://example.com/x" }', "[]"])
def test_a_required_plugin_that_is_no_plain_constraint_can_be_named_in_the_settings(
    app: Application, wanted: str
) -> None:
    required = f"[tool.poetry.requires-plugins]\npoetry-a = {wanted}"
    with pytest.raises(UserError, match="poetry-a cannot be installed") as raised:
        requiring(app, required)
    assert raised.value.reference == "requires-plugins"
    settings = PoetrySettings(with_=("poetry-a @ https://example.com/x.zip",))
    assert requiring(app, required, settings).inputs["not hash-pinned"] == settings.with_[0]


def test_credentials_of_a_plugins_url_are_no_input(app: Application) -> None:
    settings = PoetrySettings(with_=("poetry-a @ https://me:hunter2@example.com/x.zip",))
    assert (
        requiring(app, "", settings).inputs["not hash-pinned"] == "poetry-a @ https://****@example.com/x.zip"
    )


def test_poetry_uses_the_active_environment_and_makes_none(app: Application) -> None:
    layer = tool_layer(tool_request(app))
    assert layer.env == (
        LayerEnv()
        .override("CONDA_DEFAULT_ENV", "")
        .override("POETRY_VIRTUALENVS_CREATE", "false")
        .override("POETRY_VIRTUALENVS_IN_PROJECT", "false")
        .override("POETRY_VIRTUALENVS_PATH", "/layers/tool-poetry/virtualenvs")
    )
    assert (layer.depends_on_python, layer.depends_on_target) == (PythonDependence.MINOR, True)
    assert layer.launchers == ("poetry run",)


def test_the_stand_in_tells_two_ways_in_three_lines(app: Application) -> None:
    text = tool_layer(tool_request(app)).stand_ins["poetry"]
    assert len(text.splitlines()) == 3
    for way in ("run COMMAND", "launch = true"):
        assert way in text
