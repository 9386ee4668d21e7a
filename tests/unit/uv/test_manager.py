"""uv presents itself to core, and claims what is its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import layerwright_uv
from layerwright import Detection, Offline, VersionSource
from layerwright.testing import offline_request, project_request
from layerwright_uv.manager import Uv, UvSettings
from tests.unit.uv.requests import environment_request, tool_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


def test_the_plugin_provides_uv() -> None:
    [manager] = layerwright_uv.layerwright_package_managers()
    assert (type(manager), manager.name, manager.settings_model) == (Uv, "uv", UvSettings)


def test_the_lock_file_is_the_evidence_and_a_pylock_file_is_not(app: Application) -> None:
    app.write("pylock.toml", "")
    assert Uv().detect(project_request(app, settings=UvSettings())) is None
    app.write("uv.lock", "")
    assert Uv().detect(project_request(app, settings=UvSettings())) == Detection(evidence="uv.lock")


def test_its_table_alone_is_a_fallback_that_asks_for_the_lock_file(app: Application) -> None:
    app.write("pyproject.toml", "[tool.uv]\n")
    assert Uv().detect(project_request(app, settings=UvSettings())) == Detection(
        evidence="pyproject.toml", fallback=True
    )


def test_core_gets_a_tool_layer_an_environment_and_bounds(app: Application) -> None:
    app.write("uv.lock", 'version = 1\nrequires-python = ">=3.12"\n')
    assert Uv().tool_layer(tool_request(app)).version == "0.13.9"
    [command] = Uv().environment(environment_request(app)).commands
    assert command.words == "uv sync --locked --no-default-groups"
    assert Uv().python_bounds(project_request(app, settings=UvSettings())) == VersionSource(
        origin="uv.lock: requires-python", value=">=3.12", specifier=">=3.12"
    )


def test_every_setting_says_what_it_is_for() -> None:
    assert [
        name for name, field in UvSettings.__dataclass_fields__.items() if not field.metadata["help"]
    ] == []


def test_the_readme_names_what_is_reserved_the_settings_and_the_default_version(app: Application) -> None:
    readme = (Path(layerwright_uv.__file__).parents[2] / "README.md").read_text()
    keys = {name.replace("_", "-") for name in UvSettings.__dataclass_fields__}
    assert {name for name in Uv.reserved_env | keys if f"`{name}`" not in readme} == set()
    assert f"Otherwise it is {Uv().tool_layer(tool_request(app)).version}." in readme


def test_what_makes_another_environment_is_reserved_and_what_reaches_an_index_is_not() -> None:
    assert {"UV_PROJECT_ENVIRONMENT", "UV_PYTHON", "UV_NO_DEV", "UV_FROZEN"} <= Uv.reserved_env
    free = {"UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_CACHE_DIR", "UV_COMPILE_BYTECODE", "UV_HTTP_TIMEOUT"}
    assert not free & Uv.reserved_env


def test_without_a_network_it_installs_from_its_cache_alone(app: Application) -> None:
    request = offline_request(environment_request(app))
    assert Uv().offline(request) == Offline(env={"UV_OFFLINE": "1"}, archives=False, cache=True)
