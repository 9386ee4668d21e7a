"""What the declaration of the PDM plugin makes of a user's own configuration of PDM."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import layerwright_pdm
from layerwright import Detection, Index, SecretStr, UserError
from layerwright.plugins.declarative.read import read_package_manager
from layerwright.process.failures.diagnosis import diagnosed
from layerwright.testing import environment_request, index_request, project_request, tool_request

if TYPE_CHECKING:
    from layerwright.testing import Application

PDM = read_package_manager(Path(layerwright_pdm.__file__).with_name("package-manager.toml"))


@pytest.mark.parametrize("name", ["PDM_CONFIG_FILE", "PDM_OVERRIDE"])
def test_what_leads_pdm_to_another_file_is_refused(name: str) -> None:
    assert name in PDM.reserved_env


@pytest.mark.parametrize("name", ["PDM_IGNORE_STORED_INDEX", "XDG_CONFIG_HOME"])
def test_what_changes_how_pdm_installs_counts(app: Application, name: str) -> None:
    app.write("pyproject.toml", "")
    app.write("pdm.lock", "")
    assert inputs(app, name) != inputs(app)


@pytest.mark.parametrize(
    ("python", "version"), [("3.14.1", "2.29.3"), ("3.10.9", "2.29.3"), ("3.9.25", "2.26.9")]
)
def test_the_default_is_the_newest_pdm_for_the_interpreter(
    app: Application, python: str, version: str
) -> None:
    layer = PDM.tool_layer(tool_request(app, settings=PDM.settings_model(), name="pdm", python=python))
    assert layer.version == version
    assert list(layer.inputs) == ["lock"]


def test_its_table_alone_is_a_fallback_that_asks_for_the_lock_file(app: Application) -> None:
    app.write("pyproject.toml", "[tool.pdm]\n")
    request = project_request(app, settings=PDM.settings_model())
    assert PDM.detect(request) == Detection(evidence="pyproject.toml", fallback=True)
    with pytest.raises(UserError, match=r"pdm\.lock") as caught:
        inputs(app)
    assert caught.value.remedy == ("Run `pdm lock`, and commit pdm.lock.",)


@pytest.mark.parametrize(
    ("exec_env", "settings", "options"),
    [
        ("production", {}, ["--prod"]),
        ("production", {"extras": ("web",)}, ["--group=web", "--prod"]),
        ("production", {"groups": ("docs",)}, ["--group=docs"]),
        ("production", {"test_groups": ("test",)}, ["--prod"]),
        ("test", {}, ["--prod"]),
        ("test", {"test_groups": ("test",)}, ["--group=test"]),
        ("test", {"groups": ("docs",), "test_groups": ("test",)}, ["--group=docs", "--group=test"]),
    ],
)
def test_groups_for_development_are_installed_only_by_name(
    app: Application, exec_env: str, settings: dict[str, Any], options: list[str]
) -> None:
    app.write("pdm.lock", "")
    request = environment_request(
        app, settings=PDM.settings_model(**settings), name="pdm", version="2.29.3", exec_env=exec_env
    )
    [command] = PDM.environment(request).commands
    assert list(command.argv[1:]) == ["sync", "--only-keep", "--no-self", "--skip=:all", *options]


def test_the_default_index_is_that_of_the_variables_unless_the_application_names_it(app: Application) -> None:
    index = Index(
        name="acme",
        url="https://packages.example.com/simple",
        username="reader",
        password=SecretStr("hunter22"),
        default=True,
    )
    login = {"PDM_PYPI_USERNAME": "reader", "PDM_PYPI_PASSWORD": SecretStr("hunter22")}
    request = index_request(app, index, certificates=Path("/ca.pem"))
    found = PDM.index_variables(request)
    assert found is not None
    assert found.variables == {"PDM_PYPI_URL": index.url, **login, "SSL_CERT_FILE": "/ca.pem"}
    source = '[[tool.pdm.source]]\nname = "pypi"\nurl = "{}"\n[tool.pdm.options]\n'
    app.write("pyproject.toml", source.format(f"{index.url}/"))
    found = PDM.index_variables(index_request(app, index))
    assert found is not None
    assert found.variables == login
    app.write("pyproject.toml", source.format("https://elsewhere.example.com/simple"))
    found = PDM.index_variables(index_request(app, index))
    assert found is not None
    assert found.unused == {
        "acme": "[[tool.pdm.source]] of pyproject.toml has another URL for pypi, the default index."
    }
    app.write("pyproject.toml", "[tool.pdm]\nsource = 1\n")
    found = PDM.index_variables(index_request(app, index))
    assert found is not None
    assert "PDM_PYPI_URL" in found.variables


def inputs(app: Application, *variables: str) -> object:
    """Return the inputs of the environment of *app*, with *variables* set."""
    request = environment_request(
        app,
        settings=PDM.settings_model(),
        environment={"HOME": "/nowhere", **dict.fromkeys(variables, "1")},
        name="pdm",
        version="2.29.3",
    )
    return PDM.environment(request).inputs


def test_a_lock_file_of_a_version_that_is_years_older_is_explained(app: Application) -> None:
    app.write("pyproject.toml", "[project]\n")
    app.write("pdm.lock", "")
    request = environment_request(app, settings=PDM.settings_model(), name="pdm", version="2.29.3")
    diagnoses = PDM.environment(request).commands[0].diagnoses
    assert callable(diagnoses)
    found = diagnosed(diagnoses(), "WARNING: Lockfile is not compatible with PDM\n")
    assert found is not None
    assert found.summary == "This version of PDM cannot read pdm.lock."
    assert found.remedy[0] == "Run `pdm lock`, and commit pdm.lock."
