from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright import Index, SecretStr
from layerwright.build.indexes.refused import naming_index
from layerwright.build.phase import build
from layerwright.errors import CommandFailed
from layerwright.output.log import Log
from tests.unit.small import Small, small_request, write_lock

if TYPE_CHECKING:
    from pathlib import Path

ACME = Index(
    name="acme",
    url="https://packages.example.com/acme/simple",
    username="reader",
    password=SecretStr("hunter22"),
    origin="the binding acme",
)
OTHER = Index(name="other", url="https://packages.example.com/other/simple", origin="the binding other")
RING = Index(
    name="ring",
    url="https://ring.example.com/simple",
    username="reader",
    keyring=True,
    origin="the binding ring",
)
AWAY = Index(name="away", url="https://away.example.com/simple", origin="the binding away")


def causes(text: str, reference: str = "index-login") -> list[str]:
    """Return what is added to the cause of an error with *text*."""
    error = CommandFailed("It failed.", returncode=1, cause=text, reference=reference)
    named = naming_index(error, [ACME, OTHER, AWAY, RING])
    assert named.cause.endswith(text)
    return named.cause.removesuffix(text).splitlines()


@pytest.mark.parametrize("path", ["acme/simple/flask/", "acme/files/flask-3.1.whl", "acme"])
def test_the_index_is_the_one_whose_path_the_url_has(path: str) -> None:
    assert causes(f"401 Client Error: Unauthorized for url: https://packages.example.com/{path}") == [
        "This is the index acme, from the binding acme. It has credentials there."
    ]


def test_both_are_named_where_only_the_host_is_the_same() -> None:
    assert causes("401 for (https://packages.example.com/files/flask.whl)", "index-forbidden") == [
        "This is the index acme, from the binding acme. It has credentials there.",
        "This is the index other, from the binding other. It has no credentials there.",
    ]


@pytest.mark.parametrize("server", ["https://AWAY.example.com:443", "http://away.example.com"])
def test_a_server_is_known_in_any_spelling_and_by_either_scheme(server: str) -> None:
    assert causes(f"503 for {server}/simple/flask/", "index-failing") == [
        "This is the index away, from the binding away."
    ]


def test_a_keyring_is_named_as_the_source_of_the_password() -> None:
    assert causes("401 for https://ring.example.com/simple/flask/") == [
        "This is the index ring, from the binding ring. It has no password there, and a keyring is asked for it."
    ]


def test_another_failure_of_an_index_says_nothing_of_credentials() -> None:
    assert causes("503 for https://away.example.com/simple/flask/", "index-failing") == [
        "This is the index away, from the binding away."
    ]


@pytest.mark.parametrize("text", ["401 for https://elsewhere.example.com/simple", "401", "https://[x/simple"])
def test_a_url_of_no_index_names_none(text: str) -> None:
    assert causes(text) == []


def test_an_error_that_is_not_about_an_index_stays_as_it_is() -> None:
    assert causes("It is not on https://packages.example.com/acme/simple.", "no-such-version") == []


@pytest.mark.parametrize("given", [True, False])
def test_a_build_names_the_index_that_refuses_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: bool
) -> None:
    monkeypatch.setattr(Small, "takes_indexes", True)
    write_lock(
        tmp_path / "app", "acme", fails="index-login", says="https://packages.example.com/acme/simple/x/"
    )
    (tmp_path / "layers").mkdir()
    environment = {"LAYERWRIGHT_INDEX_ACME_URL": ACME.url} if given else {}
    stream = io.StringIO()
    with pytest.raises(CommandFailed) as caught:
        build(small_request(tmp_path, environment=environment), Log(stream, stream))
    named = "This is the index acme, from LAYERWRIGHT_INDEX_ACME_…. It has no credentials there."
    remedy = ("Correct the credentials of the index: LAYERWRIGHT_INDEX_ACME_….",)
    assert caught.value.remedy == (remedy if given else ())
    assert caught.value.cause.startswith(named) is given
