from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.config.sources import Given, Sources, origin_in, read_sources, variable
from layerwright.errors import ConfigurationError, UserError
from layerwright.files.project import Project

if TYPE_CHECKING:
    from pathlib import Path


def sources(
    *,
    layerwright: dict[str, Any] | None = None,
    pyproject: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
) -> Sources:
    files = {
        "layerwright.toml": layerwright or {},
        "pyproject.toml": {"tool": {"layerwright": pyproject or {}}},
    }
    return Sources(files, environment or {})


def test_the_environment_is_stronger_than_layerwright_toml_and_that_than_pyproject_toml() -> None:
    found = sources(
        layerwright={"pip": {"launch": False}},
        pyproject={"pip": {"launch": True}},
        environment={"LAYERWRIGHT_PIP_LAUNCH": "1"},
    )
    assert found.raws(("pip", "launch")) == (
        ("1", "LAYERWRIGHT_PIP_LAUNCH", True, False),
        (False, "layerwright.toml: pip.launch", False, False),
        (True, "pyproject.toml: tool.layerwright.pip.launch", False, False),
    )
    assert found.in_files(("pip", "launch")) == found.raws(("pip", "launch"))[1:]


def test_what_others_give_counts_where_the_application_configures_nothing() -> None:
    given = [
        Given("the build plan", {"pip": {"launch": True}}),
        Given("the buildpack acme", {"pip": {"launch": False, "version": "26.3"}}),
    ]
    found = Sources({"layerwright.toml": {"pip": {"version": "26.2"}}}, {}, given)
    assert found.raws(("pip", "launch")) == (
        (True, "the build plan: pip.launch", False, True),
        (False, "the buildpack acme: pip.launch", False, True),
    )
    assert [raw.value for raw in found.raws(("pip", "version"))] == ["26.2", "26.3"]


@pytest.mark.parametrize("file", ["layerwright.toml", "pyproject.toml"])
@pytest.mark.parametrize("key", ["package-manager", "hunter2", "requires-python"])
def test_nothing_of_a_file_outside_of_the_application_is_shown(tmp_path: Path, file: str, key: str) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "secret").write_text(f"{key} = 'hunter2'\n")
    (tmp_path / "app" / file).symlink_to("../secret")
    with pytest.raises(UserError) as caught:
        read_sources(Project(tmp_path / "app"), {})
    assert caught.value.reference == "outside-configuration"
    assert caught.value.summary == f"{file} is a link to a file outside the application."
    assert "hunter2" not in f"{caught.value.cause}{caught.value.remedy}"


def test_a_configuration_that_is_a_link_within_the_application_is_read(tmp_path: Path) -> None:
    (tmp_path / "deploy.toml").write_text("package-manager = 'pip'\n")
    (tmp_path / "layerwright.toml").symlink_to("deploy.toml")
    assert read_sources(Project(tmp_path), {}).package_manager == ("pip", "layerwright.toml: package-manager")


def test_what_nobody_configured_has_no_value() -> None:
    assert sources().raws(("pip", "launch")) == ()
    assert sources().package_manager is None


def test_the_files_of_the_application_are_read(tmp_path: Path) -> None:
    (tmp_path / "layerwright.toml").write_text('package-manager = "pip"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.layerwright.processes]\n"web.1" = "a"\n')
    found = read_sources(Project(tmp_path), {"LAYERWRIGHT_PYTHON_VERSION": "3.13\n", "HOME": "/root"})
    assert found.keys == (("package-manager",), ("processes",), ("processes", "web.1"))
    assert found.raws(("python", "version")) == (("3.13", "LAYERWRIGHT_PYTHON_VERSION", True, False),)


def test_an_application_without_configuration_files_configures_nothing(tmp_path: Path) -> None:
    assert read_sources(Project(tmp_path), {}).keys == ()


def test_the_package_manager_is_known_with_its_origin() -> None:
    assert sources(pyproject={"package-manager": "pip"}).package_manager == (
        "pip",
        "pyproject.toml: tool.layerwright.package-manager",
    )
    by_variable = sources(
        environment={"LAYERWRIGHT_PACKAGE_MANAGER": " uv\n"}, layerwright={"package-manager": 3}
    )
    assert by_variable.package_manager == ("uv", "LAYERWRIGHT_PACKAGE_MANAGER")


def test_a_package_manager_that_is_no_string_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        assert sources(layerwright={"package-manager": ["pip"]}).package_manager
    assert caught.value.problems == ('layerwright.toml: package-manager must be a string, not ["pip"]',)


def test_an_empty_variable_counts_as_none() -> None:
    assert sources(environment={"LAYERWRIGHT_PIP_LAUNCH": " "}).environment == {}


def test_variables_about_layerwright_itself_are_not_settings() -> None:
    assert (
        sources(
            environment={"LAYERWRIGHT_CACHE_DIR": "/cache", "LAYERWRIGHT_DISABLE_PLUGINS": "x"}
        ).environment
        == {}
    )


def test_the_keys_in_a_table_are_those_of_the_files_and_those_that_a_variable_could_mean() -> None:
    found = sources(
        layerwright={"python": {}, "uv": "not a table"},
        pyproject={"pip": {"launch": True}, "package-manager": "pip"},
        environment={"LAYERWRIGHT_PIP_TOOLS_STAND_IN": "1", "LAYERWRIGHT_PACKAGE_MANAGER": "pip"},
    )
    assert found.keys_in("pip") == {"launch", "tools-stand-in"}
    assert found.keys_in("pip-tools") == {"stand-in"}
    assert found.keys_in("python") == found.keys_in("uv") == frozenset()


@pytest.mark.parametrize(
    ("tree", "problem"),
    [
        ({"tool": 1}, "pyproject.toml: tool must be a table"),
        ({"tool": {"layerwright": "pip"}}, "pyproject.toml: tool.layerwright must be a table"),
    ],
)
def test_a_table_that_is_none_is_refused(tree: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Sources({"pyproject.toml": tree}, {})
    assert caught.value.problems == (problem,)


def test_a_key_has_a_variable_and_words_for_its_place_in_each_file() -> None:
    assert variable(("pip-tools", "stand-in")) == "LAYERWRIGHT_PIP_TOOLS_STAND_IN"
    assert variable(("processes", "web.1")) == "LAYERWRIGHT_PROCESSES_WEB_1"
    assert origin_in("layerwright.toml", ("pip", "launch")) == "layerwright.toml: pip.launch"


def test_reading_sources_imports_next_to_nothing() -> None:
    heavy = "{'dataclasses', 'inspect', 'json', 'pathlib', 'pydantic', 'tomllib'}"
    code = f"import sys, layerwright.config.sources; sys.exit(bool({heavy} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-I", "-c", code], env={}, check=False).returncode == 0
