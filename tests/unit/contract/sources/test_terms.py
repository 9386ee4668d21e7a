from __future__ import annotations

from pathlib import Path

import pytest

from layerwright import Index, SecretStr
from layerwright.contract.sources.terms import IndexTerms, variables_in
from layerwright.testing import Application, index_request

TERMS = IndexTerms(
    url="ACME_URL",
    username="ACME_USERNAME",
    password="ACME_PASSWORD",
    certificates="ACME_CERTS",
    declared="[[tool.acme.source]]",
    default_name="main",
    netrc=True,
)
DEFAULT = Index(
    name="acme",
    url="https://a.example.com/simple",
    username="reader",
    password=SecretStr("hunter22"),
    default=True,
    in_netrc=True,
)
EXTRA = Index(
    name="more",
    url="https://b.example.com/simple",
    username="reader",
    password=SecretStr("hunter23"),
    in_netrc=True,
)


def test_the_default_index_has_its_own_variables(application: Application) -> None:
    found = variables_in(TERMS, index_request(application, DEFAULT, certificates=Path("/ca.pem")), [], "Acme")
    assert found.variables == {
        "ACME_URL": "https://a.example.com/simple",
        "ACME_USERNAME": "reader",
        "ACME_PASSWORD": SecretStr("hunter22"),
        "ACME_CERTS": "/ca.pem",
    }
    assert found.unused == {}


def test_without_variables_for_them_the_credentials_are_in_the_url(application: Application) -> None:
    terms = IndexTerms(url="ACME_URL", extra="ACME_MORE")
    found = variables_in(terms, index_request(application, DEFAULT, EXTRA), [], "Acme")
    assert found.variables == {
        "ACME_URL": SecretStr("https://reader:hunter22@a.example.com/simple"),
        "ACME_MORE": SecretStr("https://reader:hunter23@b.example.com/simple"),
    }
    token = Index(name="acme", url=DEFAULT.url, username=SecretStr("t0k3n-t0k3n"), default=True)
    found = variables_in(TERMS, index_request(application, token), [], "Acme")
    assert found.variables == {"ACME_URL": SecretStr("https://t0k3n-t0k3n@a.example.com/simple")}


def test_a_default_index_that_the_application_names_gets_the_credentials_alone(
    application: Application,
) -> None:
    declared = [("main", "https://a.example.com/simple/")]
    found = variables_in(TERMS, index_request(application, DEFAULT), declared, "Acme")
    assert found.variables == {"ACME_USERNAME": "reader", "ACME_PASSWORD": SecretStr("hunter22")}
    open_index = Index(name="acme", url=DEFAULT.url)
    assert variables_in(TERMS, index_request(application, open_index), declared, "Acme").variables == {}


@pytest.mark.parametrize(
    ("terms", "index"),
    [
        (IndexTerms(url="ACME_URL", declared="[[tool.acme.source]]", default_name="main"), DEFAULT),
        (TERMS, Index(name="acme", url=DEFAULT.url, username=SecretStr("t0k3n-t0k3n"), default=True)),
    ],
)
def test_credentials_that_the_variables_cannot_hold_are_not_lost_silently(
    application: Application, terms: IndexTerms, index: Index
) -> None:
    found = variables_in(terms, index_request(application, index), [("main", DEFAULT.url)], "Acme")
    assert found.variables == {}
    assert "credentials" in found.unused["acme"]


def test_credentials_are_not_for_another_url_of_the_same_name(application: Application) -> None:
    declared = [("main", "https://elsewhere.example.com/simple")]
    found = variables_in(TERMS, index_request(application, DEFAULT), declared, "Acme")
    assert found.variables == {}
    assert found.unused == {"acme": "[[tool.acme.source]] has another URL for main, the default index."}


def test_another_index_that_the_application_names_has_its_credentials_in_netrc(
    application: Application,
) -> None:
    declared = [("other", EXTRA.url)]
    assert variables_in(TERMS, index_request(application, EXTRA), declared, "Acme").unused == {}
    outside = Index(name="more", url=EXTRA.url, username="reader", password=SecretStr("hunter23"))
    assert (
        "by the host alone"
        in variables_in(TERMS, index_request(application, outside), declared, "Acme").unused["more"]
    )
    without = IndexTerms(declared="[[tool.acme.source]]")
    assert variables_in(without, index_request(application, EXTRA), declared, "Acme").unused == {
        "more": "Acme takes no credentials for [[tool.acme.source]] from variables."
    }


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (TERMS, "Acme takes it only from [[tool.acme.source]]: add it there, and lock again."),
        (IndexTerms(url="ACME_URL"), "Acme has no variable for it."),
    ],
)
def test_an_index_for_which_there_is_no_variable_is_not_used(
    application: Application, terms: IndexTerms, why: str
) -> None:
    assert variables_in(terms, index_request(application, EXTRA), [], "Acme").unused == {"more": why}
