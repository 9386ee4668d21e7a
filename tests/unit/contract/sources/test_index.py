from __future__ import annotations

from pathlib import Path

import pytest

from layerwright import Index, IndexVariables, SecretStr, pip_index_variables
from layerwright.process.redaction import KNOWN
from layerwright.testing import Application, index_request

ACME = Index(name="acme", url="https://packages.example.com/simple")
LOGIN = Index(
    name="login",
    url="https://login.example.com/simple",
    username="reader",
    password=SecretStr("p@ss/w%rd"),
    default=True,
)


def shown(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def test_an_index_without_credentials_is_located_by_its_url() -> None:
    assert ACME.location == ACME.address == "https://packages.example.com/simple"
    assert not ACME.has_secret


def test_a_credential_is_percent_encoded_and_secret() -> None:
    assert isinstance(LOGIN.location, SecretStr)
    assert shown(LOGIN.location) == "https://reader:p%40ss%2Fw%25rd@login.example.com/simple"
    assert LOGIN.address == "https://login.example.com/simple"
    assert "p@ss" not in repr(LOGIN)


@pytest.mark.parametrize("login", ["", "old@", "old:p%40ss@"])
def test_credentials_replace_those_in_the_url(login: str) -> None:
    index = Index(
        name="a", url=f"https://{login}a.example.com/@acme", username="u", password=SecretStr("hunter22")
    )
    assert index.location == SecretStr("https://u:hunter22@a.example.com/@acme")


@pytest.mark.parametrize("user", ["reader", SecretStr("t0k3n-t0k3n")])
def test_a_user_name_alone_makes_a_url_secret_because_it_may_be_a_token(user: str | SecretStr) -> None:
    index = Index(name="a", url="https://a.example.com/simple", username=user)
    assert isinstance(index.location, SecretStr)
    assert shown(index.location) == f"https://{shown(user)}@a.example.com/simple"
    assert index.has_secret is isinstance(user, SecretStr)


def test_a_token_in_the_path_is_secret_without_a_user_name() -> None:
    url = "https://packages.example.com/Zq8f14e45fceea167a5a36/simple"
    KNOWN.learn_url(url)
    index = Index(name="a", url=url)
    assert isinstance(index.address, SecretStr)
    assert isinstance(index.location, SecretStr)
    assert "Zq8f" not in repr(index)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://login.example.com/simple/", True),
        ("https://LOGIN.example.com:443/simple", True),
        ("https://other:secret@login.example.com/simple/", True),
        # A query may be a token, and names no other index.
        ("https://login.example.com/simple?token=other", True),
        ("https://login.example.com/other", False),
        ("https://[x/simple", False),
        ("http://login.example.com/simple", False),
        ("https://login.example.com:notaport/simple", False),
        ("login.example.com/simple", False),
        (None, False),
    ],
)
def test_two_urls_are_the_same_index_whatever_their_credentials(url: object, same: bool) -> None:
    assert LOGIN.is_at(url) is same


def test_pip_gets_the_default_index_the_others_and_the_certificates(application: Application) -> None:
    request = index_request(application, ACME, LOGIN, certificates=Path("/some/certificates.pem"))
    found = pip_index_variables(request)
    assert found == IndexVariables(
        variables={
            "PIP_INDEX_URL": SecretStr("https://reader:p%40ss%2Fw%25rd@login.example.com/simple"),
            "PIP_EXTRA_INDEX_URL": "https://packages.example.com/simple",
            "PIP_CERT": "/some/certificates.pem",
        }
    )


def test_pip_gets_one_variable_for_all_other_indexes_which_is_secret_if_one_is(
    application: Application,
) -> None:
    other = Index(name="b", url="https://b.example.com/simple", username="u", password=SecretStr("hunter22"))
    [(name, value)] = pip_index_variables(index_request(application, ACME, other)).variables.items()
    assert name == "PIP_EXTRA_INDEX_URL"
    assert isinstance(value, SecretStr)
    assert shown(value) == "https://packages.example.com/simple https://u:hunter22@b.example.com/simple"


def test_pip_asks_a_keyring_where_an_index_says_so(application: Application) -> None:
    ring = Index(name="ring", url="https://ring.example.com/simple", username="reader", keyring=True)
    assert pip_index_variables(index_request(application, ring)).variables == {
        "PIP_EXTRA_INDEX_URL": SecretStr("https://reader@ring.example.com/simple"),
        "PIP_KEYRING_PROVIDER": "subprocess",
    }
