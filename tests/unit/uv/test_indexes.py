from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright import Index, SecretStr
from layerwright.process.redaction import KNOWN
from layerwright.testing import Application, index_request
from layerwright_uv.manager import Uv, UvSettings

if TYPE_CHECKING:
    from layerwright import IndexVariables

URL = "https://packages.example.com/simple"
ACME = Index(name="acme-corp", url=URL, username="reader", password=SecretStr("hunter22"), default=True)
LOGIN = {"UV_INDEX_ACME_CORP_USERNAME": "reader", "UV_INDEX_ACME_CORP_PASSWORD": SecretStr("hunter22")}


def variables(application: Application, *indexes: Index, frozen: bool = False) -> IndexVariables:
    return Uv().index_variables(index_request(application, *indexes, settings=UvSettings(frozen=frozen)))


def lock(application: Application, url: str, file: str = "uv.lock") -> None:
    application.write(file, f'[[package]]\nname = "acme"\nversion = "1"\nsource = {{ registry = "{url}" }}\n')


def test_the_default_index_has_a_name_to_which_the_credentials_belong(application: Application) -> None:
    assert variables(application, ACME).variables == {"UV_DEFAULT_INDEX": f"acme-corp={URL}", **LOGIN}


def test_a_locked_url_is_passed_as_the_lock_file_spells_it(application: Application) -> None:
    application.write("pyproject.toml", "[project]\n")
    lock(application, f"{URL}/")
    assert variables(application, ACME).variables["UV_DEFAULT_INDEX"] == f"acme-corp={URL}/"


def test_a_default_index_that_is_not_locked_is_not_used_unless_the_lock_is_not_checked(
    application: Application,
) -> None:
    application.write("pyproject.toml", "[project]\n")
    lock(application, "https://other.example.com/simple")
    found = variables(application, ACME)
    assert found.variables == {}
    assert found.unused["acme-corp"].startswith("uv.lock has other indexes")
    assert variables(application, ACME, frozen=True).variables == {
        "UV_DEFAULT_INDEX": f"acme-corp={URL}",
        **LOGIN,
    }


def test_an_index_that_the_application_names_gets_credentials_by_that_name(application: Application) -> None:
    application.write(
        "pyproject.toml",
        f'[project]\n[[tool.uv.index]]\nname = "ours.v2"\nurl = "{URL}/"\n[[tool.uv.index]]\nurl = "{URL}"\n',
    )
    assert variables(application, ACME).variables == {
        "UV_INDEX_OURS_V2_USERNAME": "reader",
        "UV_INDEX_OURS_V2_PASSWORD": SecretStr("hunter22"),
    }


@pytest.mark.parametrize("index", ["{x = 1}", '["x"]'])
def test_an_index_that_is_no_table_is_left_to_uv(application: Application, index: str) -> None:
    application.write("pyproject.toml", f"[project]\n[tool.uv]\nindex = {index}\n")
    assert variables(application, ACME).unused == {}


def test_credentials_are_not_sent_to_another_url_of_the_same_name(application: Application) -> None:
    application.write(
        "uv.toml", '[[index]]\nname = "acme-corp"\nurl = "https://elsewhere.example.com/simple"\n'
    )
    found = variables(application, ACME)
    assert found.variables == {}
    assert found.unused == {"acme-corp": "[[tool.uv.index]] has another URL for the name acme-corp."}


def test_the_indexes_of_a_script_are_those_of_its_metadata(application: Application) -> None:
    application.write(
        "hello.py",
        f'# /// script\n# dependencies = []\n# [[tool.uv.index]]\n# name = "s"\n# url = "{URL}"\n# ///\n',
    )
    lock(application, URL, "hello.py.lock")
    assert variables(application, ACME).variables.keys() == {"UV_INDEX_S_USERNAME", "UV_INDEX_S_PASSWORD"}


def test_other_indexes_are_one_variable_which_is_secret_if_a_url_is(application: Application) -> None:
    more = Index(name="more", url="https://b.example.com/simple", keyring=True)
    request = index_request(application, more, ACME, certificates=Path("/ca.pem"), settings=UvSettings())
    assert Uv().index_variables(request).variables == {
        "UV_DEFAULT_INDEX": f"acme-corp={URL}",
        **LOGIN,
        "UV_INDEX": "more=https://b.example.com/simple",
        "UV_KEYRING_PROVIDER": "subprocess",
        "SSL_CERT_FILE": "/ca.pem",
    }
    url = "https://c.example.com/Zq8f14e45fceea167a5a36/simple"
    KNOWN.learn_url(url)
    hidden = Index(name="hidden", url=url)
    assert variables(application, more, hidden).variables["UV_INDEX"] == SecretStr(
        f"more=https://b.example.com/simple hidden={url}"
    )
