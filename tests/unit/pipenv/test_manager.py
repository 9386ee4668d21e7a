"""Pipenv presents itself to core, and claims what is its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import layerwright_pipenv
from layerwright import Detection, Offline
from layerwright.process.failures.diagnosis import diagnosed
from layerwright.testing import environment_request, offline_request, project_request, tool_request
from layerwright_pipenv.diagnoses import diagnoses
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


@pytest.mark.parametrize(
    ("python", "version"), [("3.14.1", "2026.10.3"), ("3.10.9", "2026.10.3"), ("3.9.25", "2025.0.4")]
)
def test_the_default_is_the_newest_pipenv_for_the_interpreter(
    app: Application, python: str, version: str
) -> None:
    request = tool_request(app, settings=PipenvSettings(), name="pipenv", python=python)
    layer = Pipenv().tool_layer(request)
    assert layer.version == version
    assert list(layer.inputs) == ["lock"]


def test_the_lock_has_what_is_asked_for() -> None:
    package = Path(layerwright_pipenv.__file__).parent
    wanted = (package.parents[3] / "requirements" / "pipenv.in").read_text()
    pin = re.compile(r"^pipenv==([0-9.]+)", re.MULTILINE)
    assert sorted(pin.findall((package / "tool.lock").read_text())) == sorted(pin.findall(wanted))


def test_a_source_without_a_name_is_explained() -> None:
    found = diagnosed(
        diagnoses(),
        'File "models/base.py", line 42, in validate\n'
        "pipenv.vendor.plette.models.base.DataValidationError: Missing required field: name\n",
    )
    assert found is not None
    assert found.summary == "Pipenv cannot read the Pipfile: name is missing."
    assert found.remedy == ("Add name to the Pipfile.", "Run `pipenv lock`, and commit Pipfile.lock.")


def test_without_a_network_its_pip_installs_from_the_archives(app: Application) -> None:
    asked = environment_request(app, settings=PipenvSettings())
    assert Pipenv().offline(offline_request(asked)) == Offline()
