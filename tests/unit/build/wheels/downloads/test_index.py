"""Which index is asked without pip: only one that takes nothing special to reach."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from layerwright import LockedWheels, SecretStr
from layerwright.build.wheels.downloads._index import SimpleRepository, repository_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

URL = "https://example.com/simple"
PLAIN = {"PIP_INDEX_URL": URL}


def asked(
    index: Mapping[str, str | SecretStr | None] | None, home: Path, **environment: str
) -> SimpleRepository | None:
    locked, variables = LockedWheels(hashed="", index=index), {"HOME": str(home), **environment}
    return repository_of(locked, variables, prefix=str(home), machine=str(home / "pip.conf"))


@pytest.mark.parametrize("more", ["PIP_TIMEOUT", "PIP_RETRIES", "PIP_DEFAULT_TIMEOUT", "PIP_TRUSTED_HOST"])
def test_a_plain_index_is_asked_as_pip_would(tmp_path: Path, more: str) -> None:
    assert asked(PLAIN, tmp_path) == asked(PLAIN, tmp_path, **PLAIN) == SimpleRepository(f"{URL}/", "")
    assert asked({**PLAIN, more: "1"}, tmp_path, **{more: "2"}, NO_PROXY="example.com") == SimpleRepository(
        f"{URL}/", ""
    )


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/simple/", "http://localhost/simple/", "http://[::1]/", "http://127.1.2.3/"]
)
def test_only_this_machine_is_asked_without_encryption(tmp_path: Path, url: str) -> None:
    assert asked({"PIP_INDEX_URL": url}, tmp_path) == SimpleRepository(url, "")
    for other in ("http://example.com/simple", "file:///index", "example.com"):
        assert asked({"PIP_INDEX_URL": other}, tmp_path) is None


@pytest.mark.parametrize("name", ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_users_certificates_are_trusted(tmp_path: Path, name: str) -> None:
    found = asked({**PLAIN, **({name: "/ca"} if name == "PIP_CERT" else {})}, tmp_path, **{name: "/ca"})
    assert found == SimpleRepository(f"{URL}/", "/ca")


def test_without_a_setting_the_index_is_the_one_that_pip_knows(tmp_path: Path) -> None:
    assert asked({}, tmp_path) is None
    bundled = tmp_path / "lib" / "python{}.{}".format(*sys.version_info) / "ensurepip" / "_bundled"
    bundled.mkdir(parents=True)
    with ZipFile(bundled / "pip-1.whl", "w") as archive:
        archive.writestr("pip/_internal/models/index.py", 'PyPI = PackageIndex("https://example.com/", "x")')
    assert asked({}, tmp_path) == SimpleRepository("https://example.com/simple/", "")


@pytest.mark.parametrize(
    "settings",
    [
        {"PIP_INDEX_URL": SecretStr("https://me:secret@example.com/simple")},
        {**PLAIN, "PIP_EXTRA_INDEX_URL": "https://example.com/more"},
        {**PLAIN, "PIP_PROXY": "http://example.com"},
        {**PLAIN, "PIP_CLIENT_CERT": "/client.pem"},
        {**PLAIN, "PIP_KEYRING_PROVIDER": "subprocess"},
        {**PLAIN, "PIP_NO_INDEX": "1"},
        {**PLAIN, "PIP_FIND_LINKS": "/here https://example.com/links"},
        None,
    ],
)
def test_what_only_pip_can_reach_is_left_to_it(
    tmp_path: Path, settings: Mapping[str, str | SecretStr | None] | None
) -> None:
    assert asked(settings, tmp_path) is None


@pytest.mark.parametrize(
    "environment",
    [
        {"https_proxy": "http://example.com"},
        {"ALL_PROXY": "http://example.com"},
        {"PIP_INDEX_URL": "https://example.com/other"},
        {"PIP_NO_INDEX": "1"},
        {"PIP_FIND_LINKS": "file:///bundle"},
    ],
)
def test_what_the_plugin_has_not_seen_is_left_to_pip(tmp_path: Path, environment: dict[str, str]) -> None:
    assert asked(PLAIN, tmp_path, **environment) is None


def test_directories_have_been_searched_already(tmp_path: Path) -> None:
    links = {"PIP_FIND_LINKS": "/here file:///there"}
    assert asked({**PLAIN, **links}, tmp_path, **links) == SimpleRepository(f"{URL}/", "")


@pytest.mark.parametrize(
    "file",
    [".netrc", "_netrc", ".pip/pip.conf", ".config/pip/pip.conf", "own/pip/pip.conf", "pip.conf", "named"],
)
def test_with_settings_or_credentials_in_files_pip_is_asked(tmp_path: Path, file: str) -> None:
    assert asked(PLAIN, tmp_path) is not None
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).touch()
    environment = {"XDG_CONFIG_DIRS": f"/nowhere:{tmp_path / 'own'}"}
    named = str(tmp_path / "named") if file == "named" else ""
    assert asked({**PLAIN, "PIP_CONFIG_FILE": named}, tmp_path, **environment) is None
    ignored = asked({**PLAIN, "PIP_CONFIG_FILE": os.devnull}, tmp_path, **environment)
    assert (ignored is None) is file.endswith("netrc")


def test_a_file_that_is_named_and_missing_does_not_replace_that_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").touch()
    assert asked({**PLAIN, "PIP_CONFIG_FILE": str(tmp_path / "missing")}, tmp_path) is None


def test_without_a_home_directory_nothing_is_known_of_the_users_settings(tmp_path: Path) -> None:
    locked = LockedWheels(hashed="", index=PLAIN)
    assert repository_of(locked, {}, prefix=str(tmp_path), machine=str(tmp_path / "pip.conf")) is None
