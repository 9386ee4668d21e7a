from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Index, SecretStr
from layerwright.build.indexes._list import certificates_of, indexes_of, login_of, merged
from layerwright.build.indexes.entries import Entry, from_variables
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from layerwright.build.indexes._list import Merged

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"


def listed(**variables: str) -> tuple[tuple[Index, ...], list[str]]:
    """Return the indexes in *variables*, and the problems."""
    problems: list[str] = []
    given = {f"LAYERWRIGHT_INDEX_{name}": value for name, value in variables.items()}
    entries = from_variables(given, lambda name: PEM if name == "ca.pem" else None, problems)
    return indexes_of(merged(entries), problems), problems


def bound(**values: str) -> Entry:
    """Return the binding ``acme`` with *values*."""
    return Entry("acme", "index", "the binding acme", values, {k: f"{k} of the binding acme" for k in values})


def variables(**values: str) -> Entry:
    """Return the index ``acme`` in variables with *values*."""
    return Entry("acme", "index", "LAYERWRIGHT_INDEX_ACME_…", values, {k: k.upper() for k in values})


def problems_of(*entries: Entry) -> list[str]:
    problems: list[str] = []
    indexes_of(merged(entries), problems)
    return problems


def test_an_index_in_variables_has_a_name_a_url_and_credentials() -> None:
    found, problems = listed(
        ACME_CORP_URL="https://packages.example.com/simple",
        ACME_CORP_USERNAME="reader",
        ACME_CORP_PASSWORD="hunter22",
        ACME_CORP_DEFAULT="1",
        OTHER_URL="https://other.example.com/simple",
        OTHER_USERNAME="",
    )
    assert problems == []
    assert found == (
        Index(
            name="acme-corp",
            url="https://packages.example.com/simple",
            username="reader",
            password=SecretStr("hunter22"),
            default=True,
            origin="LAYERWRIGHT_INDEX_ACME_CORP_…",
        ),
        Index(name="other", url="https://other.example.com/simple", origin="LAYERWRIGHT_INDEX_OTHER_…"),
    )
    assert KNOWN.masked("hunter22") == "****"


def test_credentials_in_a_url_are_taken_out_of_it() -> None:
    found, problems = listed(
        A_URL="https://reader:h%40unter22@a.example.com:8443/simple/?x=1#part",
        B_URL="https://Zq8f14e45fceea167a5a@[::1]/simple",
        C_URL="file:///srv/index",
    )
    assert problems == []
    a, b, c = found
    assert (a.url, a.username, a.password) == (
        "https://a.example.com:8443/simple/?x=1",
        "reader",
        SecretStr("h@unter22"),
    )
    assert (b.url, b.username, b.password) == (
        "https://[::1]/simple",
        SecretStr("Zq8f14e45fceea167a5a"),
        None,
    )
    assert c.url == "file:///srv/index"


def test_the_user_name_for_a_keyring_is_no_secret() -> None:
    [index], problems = listed(A_URL="https://a.example.com", A_USERNAME="reader", A_KEYRING="true")
    assert problems == []
    assert (index.username, index.keyring, index.has_secret) == ("reader", True, False)
    [index], _ = listed(A_URL="https://a.example.com", A_USERNAME="a-token-of-mine")
    assert index.username == SecretStr("a-token-of-mine")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"A_URL": "packages.example.com/simple"}, "has no scheme and host"),
        ({"A_URL": "https:///simple"}, "has no scheme and host"),
        ({"A_URL": "ftp://a.example.com"}, "it must begin with https://, http:// or file://."),
        ({"A_URL": "https://[a.example.com/simple"}, "LAYERWRIGHT_INDEX_A_URL is not a URL."),
        ({"A_URL": "https://a.example.com:x/"}, "LAYERWRIGHT_INDEX_A_URL is not a URL."),
        ({"A_URL": "https://a.example.com/a b"}, "has a blank, a quote or a backslash"),
        (
            {"A_PASSWORD": "hunter22"},
            "The index a has no URL: LAYERWRIGHT_INDEX_A_… has none. Set LAYERWRIGHT_INDEX_A_URL",
        ),
        ({"A_URL": "https://a.example.com", "A_PASSWORD": "hunter22"}, "has a password and no user name"),
        (
            {"A_URL": "https://a.example.com", "A_USERNAME": "x", "A_PASSWORD": "one\ntwo"},
            "LAYERWRIGHT_INDEX_A_PASSWORD has several lines, or control characters.",
        ),
        ({"A_URL": "https://a.example.com", "A_DEFAULT": "perhaps"}, "A_DEFAULT must be true or false."),
        ({"A_URL": "https://a.example.com", "A_CERTIFICATE": "absent.pem"}, "cannot be read: absent.pem"),
        ({"A_PASSWROD": "hunter22"}, "did you mean LAYERWRIGHT_INDEX_A_PASSWORD?"),
        ({"URL": "https://a.example.com"}, "LAYERWRIGHT_INDEX_URL is not a variable of an index"),
    ],
)
def test_what_is_wrong_with_an_index_is_said_without_its_value(values: dict[str, str], problem: str) -> None:
    found, problems = listed(**values)
    assert found == () or "DEFAULT" in problem or "pem" in problem
    [only] = problems
    assert problem in only
    assert "hunter22" not in only


def test_several_defaults_are_one_problem_that_names_each() -> None:
    assert problems_of(
        bound(url="https://a.example.com", default="true"),
        Entry(
            "other",
            "index",
            "the binding other",
            {"url": "https://b.example.com", "default": "1"},
            {"url": "uri of the binding other", "default": "the type pypi of the binding other"},
        ),
    ) == [
        "Only one index can be the default, and 2 are. acme: default of the binding acme; other: the type pypi of the"
        " binding other. The others need the type python-index, or default = false."
    ]


def test_the_strongest_source_wins_value_by_value() -> None:
    [index] = indexes_of(
        merged(
            [
                variables(password="hunter23", default="false"),
                bound(url="https://a.example.com", username="reader", password="hunter22", default="true"),
            ]
        ),
        [],
    )
    assert (index.password, index.username, index.default) == (SecretStr("hunter23"), "reader", False)
    assert index.origin == "LAYERWRIGHT_INDEX_ACME_… and the binding acme"


def test_credentials_are_not_sent_to_the_host_that_another_source_names() -> None:
    entries = (
        variables(url="https://elsewhere.example.com/simple"),
        bound(url="https://a.example.com/simple", username="reader", password="hunter22"),
    )
    [problem] = problems_of(*entries)
    assert problem.startswith("URL and url of the binding acme name different hosts for the index acme")
    # Another path of the same host is fine, in any spelling.
    for url in ("https://A.example.com/other", "https://a.example.com:443/simple"):
        assert problems_of(variables(url=url), entries[1]) == []
    assert problems_of(variables(url="http://a.example.com/simple"), entries[1]) != []


def test_certificates_are_taken_out_of_whatever_the_file_has_besides() -> None:
    problems: list[str] = []
    text = f"subject=CN=Acme\n{PEM}\n-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n{PEM}\n"
    found = merged([bound(url="https://a.example.com", certificate=text)])
    assert certificates_of(found, problems) == (PEM,)
    assert problems == []


def test_a_certificate_in_another_format_and_a_client_certificate_are_problems() -> None:
    problems: list[str] = []
    found: tuple[Merged, ...] = merged(
        [bound(url="https://a.example.com", certificate="x", **{"private-key": "y"})]
    )
    assert certificates_of(found, problems) == ()
    assert login_of(found[0], problems) is None
    assert problems == [
        "certificate of the binding acme has no certificate in the format PEM.",
        "private-key of the binding acme: Layerwright passes on no client certificates. Remove it, and set the"
        " variables of the package manager, such as PIP_CLIENT_CERT or SSL_CLIENT_CERT.",
    ]


def test_a_binding_without_a_url_is_named() -> None:
    assert problems_of(bound()) == [
        "The index acme has no URL: the binding acme has none. Set LAYERWRIGHT_INDEX_ACME_URL, or uri in its binding."
    ]


def test_no_value_is_in_the_representation_of_what_holds_it() -> None:
    entry = bound(url="https://a.example.com", username="reader", password="hunter22")
    [one] = merged([entry])
    assert "hunter22" not in repr((entry, one, login_of(one, [])))


@pytest.mark.parametrize("name", ["a b", "ä", "a--b", "-a"])
def test_a_name_that_no_tool_could_take_is_a_problem(name: str) -> None:
    entry = Entry(name, "index", f"the binding {name}", {"url": "https://a.example.com"}, {"url": "uri"})
    assert problems_of(entry) == [
        f"The name '{name}' of the binding {name} must have letters, digits and dashes only."
    ]


def test_a_certificate_in_variables_is_a_file() -> None:
    problems: list[str] = []
    given = {"LAYERWRIGHT_INDEX_A_CERTIFICATE": "ca.pem", "LAYERWRIGHT_INDEX_A_URL": "https://a.example.com"}
    [one] = merged(from_variables(given, lambda _name: PEM, problems))
    assert certificates_of([one], problems) == (PEM,)
    assert problems == []
