"""Poetry presents itself to core, and claims what is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import layerwright_poetry
from layerwright import Detection, Offline, Project, UserError, VersionSource
from layerwright.config.python_request import request_python
from layerwright.pythons.specifiers import version_matcher
from layerwright.testing import offline_request, project_request
from layerwright_poetry.manager import Poetry, PoetrySettings
from tests.unit.poetry.requests import environment_request, tool_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


def test_the_plugin_provides_poetry() -> None:
    [manager] = layerwright_poetry.layerwright_package_managers()
    assert (type(manager), manager.name, manager.settings_model) == (Poetry, "poetry", PoetrySettings)


def test_its_table_alone_is_a_fallback_that_asks_for_the_lock_file(app: Application) -> None:
    app.write("pyproject.toml", "[tool.poetry]\npackage-mode = false\n")
    assert Poetry().detect(project_request(app, settings=PoetrySettings())) == Detection(
        evidence="pyproject.toml", fallback=True
    )


def test_the_lock_file_is_the_evidence(app: Application) -> None:
    app.write("pyproject.toml", "[tool.black]\n")
    assert Poetry().detect(project_request(app, settings=PoetrySettings())) is None
    app.write("poetry.lock", "")
    assert Poetry().detect(project_request(app, settings=PoetrySettings())) == Detection(
        evidence="poetry.lock"
    )


def test_core_gets_a_tool_layer_and_an_environment(app: Application) -> None:
    app.write("pyproject.toml", "")
    app.write("poetry.lock", "")
    assert Poetry().tool_layer(tool_request(app)).version == "2.5.1"
    assert Poetry().environment(environment_request(app)).commands[0].words == "poetry sync --only=main"


def test_the_bounds_are_those_of_the_application_and_not_of_what_it_depends_on(app: Application) -> None:
    package = '[[package]]\nname = "acme"\npython-versions = ">=3.7"\n'
    app.write("poetry.lock", f'{package}\n[metadata]\nlock-version = "2.1"\npython-versions = "^3.11"\n')
    assert Poetry().python_bounds(project_request(app, settings=PoetrySettings())) == VersionSource(
        origin="python-versions in poetry.lock", value="^3.11", specifier=">=3.11,<4"
    )


@pytest.mark.parametrize("versions", ["*", "^2.7 || latest"])
def test_there_are_no_bounds_where_the_lock_file_sets_none_that_core_understands(
    app: Application, versions: str
) -> None:
    app.write("poetry.lock", f'\n[metadata]\npython-versions = "{versions}"\n')
    assert Poetry().python_bounds(project_request(app, settings=PoetrySettings())) is None


@pytest.mark.parametrize("notation", ["^3.11", "~3.12", "3.12.*", "*", " ^3.11 || ^3.13", ">=3.11"])
def test_requires_python_may_be_in_poetrys_notation(app: Application, notation: str) -> None:
    """Poetry writes it into its lock file as it is, and core takes the meaning from there."""
    app.write("pyproject.toml", f'[project]\nname = "app"\nrequires-python = "{notation}"\n')
    app.write("poetry.lock", f'\n[metadata]\npython-versions = "{notation.strip()}"\n')
    project = Project(app.path)
    request = request_python(
        project,
        configured=None,
        locked=Poetry().python_bounds(project_request(app, settings=PoetrySettings())),
    )
    assert request.winner.origin == "project.requires-python in pyproject.toml"
    assert version_matcher(request.winner.specifier)("3.12.3")
    request.check("3.12.3")
    with pytest.raises(UserError):
        request.check("2.7.18")


@pytest.mark.parametrize("table", ["[project]\n", "[project]\nrequires-python = 3\n", "project = 1\n"])
def test_a_lock_file_for_any_python_sets_no_bounds_of_its_own(app: Application, table: str) -> None:
    app.write("pyproject.toml", table)
    app.write("poetry.lock", '\n[metadata]\npython-versions = "*"\n')
    assert Poetry().python_bounds(project_request(app, settings=PoetrySettings())) is None


def test_without_a_lock_file_there_are_no_bounds(app: Application) -> None:
    assert Poetry().python_bounds(project_request(app, settings=PoetrySettings())) is None


def test_without_a_network_our_script_gives_it_the_index_of_the_bundle(app: Application) -> None:
    assert Poetry().offline(offline_request(environment_request(app))) == Offline(
        env={"LAYERWRIGHT_POETRY_INDEX": "file:///bundle/simple"}
    )
