from __future__ import annotations

from pathlib import Path

from layerwright import Index, SecretStr
from layerwright.testing import Application, environment_request, index_request
from layerwright_poetry.manager import Poetry, PoetrySettings

URL = "https://packages.example.com/simple"
ACME = Index(name="acme", url=URL, username="reader", password=SecretStr("hunter22"), default=True)
LOCK = '[[package]]\nname = "x"\nversion = "1"\n\n[package.source]\ntype = "legacy"\nurl = "{}"\nreference = "{}"\n'


def test_a_source_of_the_lock_file_gets_the_credentials_of_its_url(application: Application) -> None:
    application.write("poetry.lock", LOCK.format(f"{URL}/", "acme-corp"))
    found = Poetry().index_variables(index_request(application, ACME, certificates=Path("/ca.pem")))
    assert found.variables == {
        "POETRY_HTTP_BASIC_ACME_CORP_USERNAME": "reader",
        "POETRY_HTTP_BASIC_ACME_CORP_PASSWORD": SecretStr("hunter22"),
        "REQUESTS_CA_BUNDLE": "/ca.pem",
    }
    assert found.unused == {}


def test_a_dot_in_the_name_of_a_source_is_an_underscore_in_its_variables(application: Application) -> None:
    application.write("poetry.lock", LOCK.format(URL, "acme.corp-2"))
    assert Poetry().index_variables(index_request(application, ACME)).variables == {
        "POETRY_HTTP_BASIC_ACME_CORP_2_USERNAME": "reader",
        "POETRY_HTTP_BASIC_ACME_CORP_2_PASSWORD": SecretStr("hunter22"),
    }


def test_a_source_of_the_application_counts_as_well(application: Application) -> None:
    application.write(
        "pyproject.toml",
        f'[tool.poetry]\n[[tool.poetry.source]]\nname = "ours"\nurl = "{URL}"\npriority = "primary"\n',
    )
    token = Index(name="acme", url=URL, username=SecretStr("t0k3n-t0k3n"))
    assert Poetry().index_variables(index_request(application, token)).variables == {
        "POETRY_HTTP_BASIC_OURS_USERNAME": SecretStr("t0k3n-t0k3n"),
        "POETRY_HTTP_BASIC_OURS_PASSWORD": "",
    }
    ring = Index(name="acme", url=URL, username="reader", keyring=True)
    assert Poetry().index_variables(index_request(application, ring)).variables == {
        "POETRY_HTTP_BASIC_OURS_USERNAME": "reader"
    }
    assert Poetry().index_variables(index_request(application, Index(name="acme", url=URL))).variables == {}


def test_an_index_that_is_no_source_is_not_used(application: Application) -> None:
    application.write("pyproject.toml", "[tool.poetry]\nsource = [1]\n")
    found = Poetry().index_variables(index_request(application, ACME))
    assert found.variables == {}
    assert found.unused["acme"].startswith("poetry.lock has no source with its URL")
    application.write("pyproject.toml", "[tool.poetry]\nsource = 1\n")
    assert Poetry().index_variables(index_request(application, ACME)).variables == {}


def test_poetry_uses_git_itself_where_gits_configuration_is_in_variables(application: Application) -> None:
    application.write("pyproject.toml", "[tool.poetry]\npackage-mode = false\n")
    application.write("poetry.lock", '[metadata]\npython-versions = "*"\ncontent-hash = "x"\n')
    git = {"GIT_CONFIG_COUNT": "1"}
    request = environment_request(
        application, settings=PoetrySettings(), environment={"HOME": "/nowhere", **git}
    )
    [command] = Poetry().environment(request).commands
    assert command.env["POETRY_SYSTEM_GIT_CLIENT"] == "true"
    assert "POETRY_SYSTEM_GIT_CLIENT" in command.without_effect
    [command] = Poetry().environment(environment_request(application, settings=PoetrySettings())).commands
    assert "POETRY_SYSTEM_GIT_CLIENT" not in command.env
