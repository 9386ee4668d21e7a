"""Pipenv presents itself to core, and claims what is its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import layerwright_pipenv
from layerwright import Detection
from layerwright.testing import project_request, tool_request
from layerwright_pipenv.manager import Pipenv, PipenvSettings

if TYPE_CHECKING:
    from layerwright.testing import Application


def test_the_plugin_provides_pipenv() -> None:
    [manager] = layerwright_pipenv.layerwright_package_managers()
    assert (type(manager), manager.name, manager.settings_model) == (Pipenv, "pipenv", PipenvSettings)


def test_the_lock_file_is_the_evidence_even_without_a_pipfile(app: Application) -> None:
    app.write("Pipfile.lock", "{}")
    request = project_request(app, settings=PipenvSettings())
    assert Pipenv().detect(request) == Detection(evidence="Pipfile.lock")


def test_what_makes_another_environment_is_reserved_and_what_reaches_an_index_is_not() -> None:
    assert {
        "PIPENV_ALL_CATEGORIES",
        "PIPENV_EXTRA_PIP_ARGS",
        "PIPENV_SYSTEM",
        "PIP_GROUP",
    } <= Pipenv.reserved_env
    free = {"PIPENV_PYPI_MIRROR", "PIPENV_VENV_IN_PROJECT", "PIP_CERT", "PIP_INDEX_URL", "PIP_NO_BINARY"}
    assert not free & Pipenv.reserved_env


def test_the_readme_names_the_settings_and_the_default_version(app: Application) -> None:
    readme = (Path(layerwright_pipenv.__file__).parents[2] / "README.md").read_text()
    keys = {name.replace("_", "-") for name in PipenvSettings.__dataclass_fields__}
    assert {name for name in keys if f"`{name}`" not in readme} == set()
    layer = Pipenv().tool_layer(tool_request(app, settings=PipenvSettings(), name="pipenv"))
    assert f"| {layer.version} |" in readme
