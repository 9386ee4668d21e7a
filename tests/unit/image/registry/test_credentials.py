"""Credentials are found where docker, podman and skopeo keep them, and are masked from then on."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import SiteError
from layerwright.image.registry.credentials import Credentials, find_credentials
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REGISTRY = "registry.example.com"


def auth(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


class Home:
    """A home directory with configuration files of docker."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {"HOME": str(root), "PATH": f"{root}/bin:/usr/bin:/bin"}

    def write(self, document: object, name: str = ".docker/config.json") -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(document if isinstance(document, str) else json.dumps(document))

    def helper(self, script: str) -> None:
        self.write(f"#!/bin/sh\n{script}\n", "bin/docker-credential-test")
        (self.root / "bin" / "docker-credential-test").chmod(0o755)

    def find(self, registry: str = REGISTRY, repository: str = "team/app") -> Credentials | None:
        found = find_credentials(registry, repository, self.environment)
        return found and found._replace(source="")

    def words(self) -> str:
        found = find_credentials(REGISTRY, "team/app", self.environment)
        return found.words.replace(str(self.root), "~") if found else ""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_without_files_there_are_none(home: Home) -> None:
    assert home.find() is None


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        (REGISTRY, REGISTRY),
        (f"https://{REGISTRY}/v2/", REGISTRY),
        (f"{REGISTRY}/team", REGISTRY),
        (f"https://{REGISTRY.upper()}:443", REGISTRY),
        (f"{REGISTRY}/team", f"{REGISTRY}:443"),
        (f"{REGISTRY}/team/app", REGISTRY),
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
    ],
)
def test_a_login_is_found_by_registry_or_repository(home: Home, key: str, registry: str) -> None:
    home.write({"auths": {"other.example.com": auth("you", "x"), key: auth("me", "a:b-password")}})
    assert home.find(registry) == Credentials("me", "a:b-password")
    assert "a:b-password" not in KNOWN.masked("it is a:b-password")


def test_the_most_specific_login_wins(home: Home) -> None:
    home.write(
        {"auths": {REGISTRY: auth("all", "1-password"), f"{REGISTRY}/team": auth("team", "2-password")}}
    )
    assert home.find() == Credentials("team", "2-password")
    assert home.find(repository="other/app") == Credentials("all", "1-password")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"username": "me", "password": "secret-word"}, Credentials("me", "secret-word")),
        ({**auth("x", ""), "identitytoken": "token-of-me"}, Credentials(identity="token-of-me")),
        ({}, None),
        ("strange", None),
    ],
)
def test_other_forms_of_a_login(home: Home, entry: Any, expected: Credentials | None) -> None:
    home.write({"auths": {REGISTRY: entry}})
    assert home.find() == expected


@pytest.mark.parametrize(
    ("variables", "file"),
    [
        ({"DOCKER_CONFIG": "{root}/elsewhere"}, "elsewhere/config.json"),
        ({"REGISTRY_AUTH_FILE": "{root}/auth.json"}, "auth.json"),
        ({"XDG_RUNTIME_DIR": "{root}/run"}, "run/containers/auth.json"),
        ({}, ".config/containers/auth.json"),
        ({"XDG_CONFIG_HOME": "{root}/c"}, "c/containers/auth.json"),
    ],
)
def test_files_of_other_tools_and_places_are_read(
    home: Home, variables: Mapping[str, str], file: str
) -> None:
    home.write({"auths": {REGISTRY: auth("me", "secret-word")}}, file)
    home.environment |= {name: value.format(root=home.root) for name, value in variables.items()}
    assert home.find() == Credentials("me", "secret-word")


def test_the_file_of_a_user_without_a_directory_for_run_time_is_read(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.image.registry.credentials._RUN", home.root / "run")
    home.write({"auths": {REGISTRY: auth("me", "secret-word")}}, f"run/{os.geteuid()}/auth.json")
    assert home.find() == Credentials("me", "secret-word")


@pytest.mark.parametrize("document", ["{", "[]", {"auths": {REGISTRY: {"auth": "no base64!"}}}])
def test_a_damaged_file_is_an_error_that_names_it(home: Home, document: object) -> None:
    home.write(document)
    with pytest.raises(SiteError) as caught:
        home.find()
    assert caught.value.reference == "registry-credentials"
    assert "config.json" in caught.value.cause


def test_a_file_that_cannot_be_read_is_an_error(home: Home) -> None:
    (home.root / ".docker" / "config.json").mkdir(parents=True)
    with pytest.raises(SiteError, match="cannot be read"):
        home.find()


GIVES = """read key; printf '{"ServerURL":"%s","Username":"%s","Secret":"secret-word"}' "$key" me"""


def test_a_helper_of_a_registry_is_asked(home: Home) -> None:
    home.write({"credHelpers": {REGISTRY: "test"}})
    home.helper(GIVES)
    assert home.find() == Credentials("me", "secret-word")


def test_a_secret_that_is_known_already_comes_from_the_helper_as_it_is(home: Home) -> None:
    KNOWN.learn(["secret-word"])
    home.write({"credHelpers": {REGISTRY: "test"}})
    home.helper(GIVES)
    assert home.find() == Credentials("me", "secret-word")


def test_the_store_of_all_logins_is_asked_for_one_that_the_file_names(home: Home) -> None:
    home.write({"auths": {REGISTRY: {}}, "credsStore": "test"})
    home.helper(GIVES)
    assert home.find() == Credentials("me", "secret-word")
    assert home.find("other.example.com") is None


def test_an_identity_token_from_a_helper(home: Home) -> None:
    home.write({"credHelpers": {REGISTRY: "test"}})
    home.helper(GIVES.replace(" me", " '<token>'"))
    assert home.find() == Credentials(identity="secret-word")


def test_a_helper_without_such_a_login_gives_none(home: Home) -> None:
    home.write({"credHelpers": {REGISTRY: "test"}})
    home.helper("echo credentials not found in native keychain; exit 1")
    assert home.find() is None


@pytest.mark.parametrize(
    ("script", "problem"),
    [("echo locked; exit 3", "ended with status 3"), ("echo hello", "something else"), ("", "not on PATH")],
)
def test_a_helper_that_fails_is_an_error_that_names_it(home: Home, script: str, problem: str) -> None:
    home.write({"credHelpers": {REGISTRY: "test"}})
    if script:
        home.helper(script)
    with pytest.raises(SiteError) as caught:
        home.find()
    assert problem in caught.value.cause
    assert "docker-credential-test" in caught.value.cause


def test_credentials_show_no_secret() -> None:
    assert repr(Credentials("me", "secret-word", "token")) == "Credentials(user='me')"


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (auth("me", "secret-word"), "the user me, from ~/.docker/config.json"),
        ({"username": "me", "password": "secret-word"}, "the user me, from ~/.docker/config.json"),
        ({"identitytoken": "token-of-me"}, "an identity token, from ~/.docker/config.json"),
    ],
)
def test_credentials_say_whose_they_are_and_in_which_file(
    home: Home, entry: dict[str, str], words: str
) -> None:
    home.write({"auths": {REGISTRY: entry}})
    assert home.words() == words


@pytest.mark.parametrize(("user", "whose"), [("me", "the user me"), ("'<token>'", "an identity token")])
def test_credentials_of_a_helper_name_it_and_the_file_that_names_it(
    home: Home, user: str, whose: str
) -> None:
    home.write({"credHelpers": {REGISTRY: "test"}})
    home.helper(GIVES.replace(" me", f" {user}"))
    assert home.words() == f"{whose}, from docker-credential-test, which ~/.docker/config.json names"
