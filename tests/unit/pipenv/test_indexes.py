from __future__ import annotations

import json

import pytest

from layerwright import Index, SecretStr
from layerwright.testing import Application, index_request
from layerwright_pipenv.manager import Pipenv

URL = "https://packages.example.com/simple"


@pytest.fixture
def application(application: Application) -> Application:
    sources = [{"name": "ours", "url": "https://${USER}:${KEY}@packages.example.com/simple"}]
    application.write(
        "Pipfile.lock", json.dumps({"_meta": {"sources": sources}, "default": {}, "develop": {}})
    )
    return application


def test_the_default_index_is_a_mirror_and_that_of_pip(application: Application) -> None:
    acme = Index(name="acme", url=URL, username="reader", password=SecretStr("hunter22"), default=True)
    location = SecretStr("https://reader:hunter22@packages.example.com/simple")
    assert Pipenv().index_variables(index_request(application, acme)).variables == {
        "PIP_INDEX_URL": location,
        "PIPENV_PYPI_MIRROR": location,
    }


@pytest.mark.parametrize(
    ("url", "in_netrc", "why"),
    [
        (URL, True, ""),
        (URL, False, "Another index at its host has other credentials"),
        ("https://other.example.com/simple", True, "Pipfile.lock has no source with its URL"),
    ],
)
def test_another_index_is_used_where_the_lock_file_names_it(
    application: Application, url: str, in_netrc: bool, why: str
) -> None:
    index = Index(name="acme", url=url, username="reader", password=SecretStr("hunter22"), in_netrc=in_netrc)
    found = Pipenv().index_variables(index_request(application, index))
    assert found.variables == {}
    assert found.unused.get("acme", "").startswith(why)
    assert bool(found.unused) is bool(why)


def test_a_source_that_needs_no_credentials_is_used_as_it_is(application: Application) -> None:
    assert Pipenv().index_variables(index_request(application, Index(name="acme", url=URL))).unused == {}
