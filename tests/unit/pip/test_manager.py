"""pip presents itself to core, and claims what is its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Literal

import pytest

import layerwright_pip
from layerwright import Detection, Index
from layerwright.testing import index_request, project_request
from layerwright_pip.manager import Pip, PipSettings
from layerwright_pip.reserved import RESERVED_SETTINGS
from tests.unit.pip.requests import environment_request, tool_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


def test_the_plugin_provides_pip() -> None:
    [manager] = layerwright_pip.layerwright_package_managers()
    assert (type(manager), manager.name, manager.settings_model) == (Pip, "pip", PipSettings)


def test_the_first_requirements_file_that_exists_is_the_evidence(app: Application) -> None:
    settings = PipSettings(requirements=("base.txt", "prod.txt", "dev.txt"))
    assert Pip().detect(project_request(app, settings=settings)) is None
    app.write("dev.txt", "")
    app.write("prod.txt", "")
    assert Pip().detect(project_request(app, settings=settings)) == Detection(evidence="prod.txt")


def test_a_lock_file_is_the_evidence_where_nothing_else_is(app: Application) -> None:
    app.write("pylock.toml", 'requires-python = ">=3.13"')
    request = project_request(app, settings=PipSettings())
    assert Pip().detect(request) == Detection(evidence="pylock.toml")
    bounds = Pip().python_bounds(request)
    assert bounds is not None
    assert bounds.specifier == ">=3.13"


def test_a_lock_file_counts_for_nothing_where_the_settings_name_other_files(app: Application) -> None:
    app.write("pylock.toml", 'requires-python = ">=3.13"')
    request = project_request(app, settings=PipSettings(requirements=("web.txt",)))
    assert Pip().detect(request) is None
    assert Pip().python_bounds(request) is None
    app.write("pylock.web.toml", 'requires-python = ">=3.12"')
    named = project_request(app, settings=PipSettings(requirements=("pylock.web.toml",)))
    bounds = Pip().python_bounds(named)
    assert bounds is not None
    assert bounds.origin == "pylock.web.toml: requires-python"


@pytest.mark.parametrize(("installer", "others"), [("pip", ()), ("uv", ("uv",))])
def test_uv_is_used_only_where_it_is_the_installer(
    app: Application, installer: Literal["pip", "uv"], others: tuple[str, ...]
) -> None:
    settings = PipSettings(installer=installer)
    assert Pip().also_uses(project_request(app, settings=settings)) == others


def test_core_gets_a_tool_layer_and_an_environment(app: Application) -> None:
    app.write("requirements.txt", "flask")
    assert Pip().tool_layer(tool_request(app)).version == "26.3"
    assert Pip().environment(environment_request(app)).commands[0].words == "pip install -r requirements.txt"


def test_what_moves_an_installation_is_reserved_and_what_tunes_it_is_not() -> None:
    assert {"PIP_TARGET", "PIP_USER", "PIP_PYTHON"} <= Pip.reserved_env
    assert not {"PIP_INDEX_URL", "PIP_CONSTRAINT", "PIP_CACHE_DIR", "PIP_NO_BINARY"} & Pip.reserved_env


@pytest.mark.integration
def test_every_reserved_setting_is_an_option_of_pip() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--help"], capture_output=True, text=True, check=True
    )
    newer = {"group", "only-dependencies", "only-deps", "python", "requirements-from-script"}
    hidden = {"no-user", "source", "source-dir", "source-directory"}
    assert {name for name in RESERVED_SETTINGS if f"--{name} " not in done.stdout} <= newer | hidden


def test_indexes_are_variables_of_pip_whatever_installs(app: Application) -> None:
    index = Index(name="acme", url="https://packages.example.com/simple", default=True)
    request = index_request(app, index, settings=PipSettings(installer="uv"))
    assert Pip().index_variables(request).variables == {"PIP_INDEX_URL": index.url}
