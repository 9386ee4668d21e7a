from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from layerwright.config.reading import ToolSettings
from layerwright.contract import sameness
from layerwright.contract.package_manager import PackageManager
from layerwright.contract.sameness import Change, Locked, Resolved, Unprovable
from layerwright.contract.sources import index
from layerwright.contract.values import environment, project, tool
from layerwright.contract.values.environment import EnvironmentInstall
from layerwright.testing import Application, environment_request, index_request, project_request
from tests.unit.build.samples import Acme

VALUES = [
    value
    for module in (environment, index, project, sameness, tool)
    for name in module.__all__
    # It has one field, and reads as a sentence.
    if dataclasses.is_dataclass(value := getattr(module, name)) and value is not Unprovable
]


def test_a_package_manager_must_say_how_it_detects_and_installs() -> None:
    assert PackageManager.__abstractmethods__ == {"detect", "tool_layer", "environment"}


def test_a_package_manager_has_the_common_settings_and_reserves_pins_expects_and_takes_nothing() -> None:
    acme, app = Acme(), Application(Path("/app"))
    assert acme.settings_model is ToolSettings
    assert acme.reserved_env == frozenset()
    assert acme.python_pin(project_request(app)) is None
    assert acme.expects(environment_request(app)) is None
    assert acme.index_variables(index_request(app)) is None


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_frozen_and_has_names_only_so_that_it_can_grow(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(field.kw_only for field in dataclasses.fields(value))


def test_a_resolved_distribution_has_words_for_the_log() -> None:
    assert Resolved(name="flask", version="3.1.0", hashes=("sha256:1",)).words == "flask 3.1.0"


def test_how_sameness_is_proved_has_to_be_said() -> None:
    with pytest.raises(TypeError, match="sameness"):
        EnvironmentInstall(inputs={}, commands=())  # type: ignore[call-arg]
    assert Locked().update is None
    assert Change() == Change(install=(), replace=(), remove=())


@pytest.mark.parametrize("because", ["", " \n"])
def test_what_cannot_be_proved_has_a_reason(because: str) -> None:
    assert Unprovable("a is editable").because == "a is editable"
    with pytest.raises(ValueError, match="needs a reason"):
        Unprovable(because)
