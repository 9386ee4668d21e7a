from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from layerwright.config.reading import ToolSettings
from layerwright.contract import package_manager
from layerwright.contract.package_manager import Change, EnvironmentInstall, PackageManager, Resolved
from layerwright.testing import Application, environment_request, project_request
from tests.unit.build.samples import Acme

VALUES = [
    value
    for name in package_manager.__all__
    if dataclasses.is_dataclass(value := getattr(package_manager, name))
]


def test_a_package_manager_must_say_how_it_detects_and_installs() -> None:
    assert PackageManager.__abstractmethods__ == {"detect", "tool_layer", "environment"}


def test_a_package_manager_has_the_common_settings_and_reserves_pins_and_expects_nothing() -> None:
    acme, app = Acme(), Application(Path("/app"))
    assert acme.settings_model is ToolSettings
    assert acme.reserved_env == frozenset()
    assert acme.python_pin(project_request(app)) is None
    assert acme.expects(environment_request(app)) is None


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_frozen_and_has_names_only_so_that_it_can_grow(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(value))


def test_a_resolved_distribution_has_words_for_the_log() -> None:
    assert Resolved(name="flask", version="3.1.0", hashes=("sha256:1",)).words == "flask 3.1.0"


def test_an_environment_proves_nothing_unless_its_package_manager_says_so() -> None:
    install = EnvironmentInstall(inputs={}, commands=())
    assert not install.locked
    assert not install.converges
    assert install.resolution is None
    assert Change() == Change(install=(), replace=(), remove=())
