from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.process._credentials import (
    in_environment,
    in_netrc,
    in_text,
    in_url,
    is_secret_name,
    references,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    [
        "GH_TOKEN",
        "acme_password",
        "UV_INDEX_ACME_PASSWORD",
        "POETRY_HTTP_BASIC_ACME_PASSWORD",
        "POETRY_PYPI_TOKEN_ACME",
        "AWS_SECRET_ACCESS_KEY",
        "SECRET_KEY",
        "ACME_API_KEY",
        "DB_PASS",
        "NPM_AUTH",
    ],
)
def test_the_name_of_a_variable_tells_that_it_is_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "TOKENIZERS_PARALLELISM",
        "GPG_KEY",
        "AWS_ACCESS_KEY_ID",
        "SSH_AUTH_SOCK",
        "PASSWORD_FILE",
        "PATH",
        "PWD",
        "KEY",
    ],
)
def test_the_name_of_a_variable_tells_that_it_is_none(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://me:s3cret@example.com/simple", ["s3cret"]),
        ("https://me:p@ss:w@example.com/", ["p@ss:w"]),
        ("https://t0ken@example.com/simple", ["t0ken"]),
        ("https://t0ken:@example.com/simple", ["t0ken"]),
        ("https://t0ken:x-oauth-basic@example.com/simple", ["t0ken"]),
        ("https://__token__:s3cret@example.com/simple", ["s3cret"]),
        ("https://A1b2C3d4E5f6G7h8:s3cret@example.com/simple", ["s3cret", "A1b2C3d4E5f6G7h8"]),
        ("git+ssh://git@example.com/acme.git@main", []),
        ("https://${TOKEN}@example.com/simple", []),
        ("https://****@example.com/simple", []),
        ("https://me:abc@example.com/simple", []),
        ("https://me:main@example.com/simple", []),
        ("https://example.com/acme.whl?token=main1&page=2#sha256=abcdefabcdef12", ["main1"]),
        ("https://example.com/acme.whl?ref=1.2.3&channel=stable&v=2024", []),
        ("https://example.com/acme.whl?state=abc9def8ghi", ["abc9def8ghi"]),
        ("https://example.com?token=abcd1", ["abcd1"]),
        ("https://example.com/9f8e7d6c5b4a3928abcd/acme-1.0.whl", ["9f8e7d6c5b4a3928abcd"]),
        ("https://example.com/AbCdEf-GhIjKl_Mn0pQr/acme-1.0.whl", ["AbCdEf-GhIjKl_Mn0pQr"]),
        (
            "https://example.com/123e4567-e89b-12d3-a456-426614174000/a.whl",
            ["123e4567-e89b-12d3-a456-426614174000"],
        ),
        ("https://example.com/acme/oauth2client-and-more/archive/v1.0.tar.gz", []),
        ("https://example.com/acme/repo.git@0123456789abcdef0123456789abcdef01234567", []),
        (f"https://example.com/packages/ab/cd/{'0a' * 30}/acme-1.0.whl", []),
    ],
)
def test_what_is_secret_in_a_url(url: str, found: list[str]) -> None:
    assert list(in_url(url)) == found


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.com/artifactory/api/pypi/pypi-virtual-2024/simple", []),
        ("https://example.com/tok3n-in-path/simple", ["tok3n-in-path"]),
        ("https://example.com/PATHSECRET123/simple", ["PATHSECRET123"]),
        ("https://example.com/a-secret-word/simple", ["a-secret-word"]),
        ("https://example.com/t0k/simple", []),
        ("https://example.com/root/v1.2/python3/simple/", []),
    ],
)
def test_in_the_address_of_an_index_all_but_ordinary_names_is_secret(url: str, found: list[str]) -> None:
    assert list(in_url(url)) == found
    assert list(in_url(url.replace("simple", "files"), index=True)) == found


def test_every_url_of_a_variable_is_looked_into() -> None:
    environment = {
        "PIP_EXTRA_INDEX_URL": "https://me:first1@a.example.com/simple https://me:second2@b.example.com/simple",
        "UV_FIND_LINKS": "https://a.example.com/t0ken-one/files,https://b.example.com/t0ken-two/files",
        "UV_INDEX": "internal=https://third3@example.com/simple",
        "ACME_HOME": "https://example.com/t0ken-not/files",
    }
    found = set(in_environment(environment))
    assert {"first1", "second2", "t0ken-one", "t0ken-two", "third3"} <= found
    assert "t0ken-not" not in found


def test_a_user_name_is_a_token_where_it_looks_like_one_or_has_no_password() -> None:
    environment = {
        "A_USERNAME": "deployer",
        "A_PASSWORD": "first1-password",
        "B_USERNAME": "t0ken",
        "B_PASSWORD": "x-oauth-basic",
        "C_USERNAME": "A1b2C3d4E5f6G7h8",
        "D_USERNAME": "nobody",
    }
    assert list(in_environment(environment)) == ["first1-password", "t0ken", "A1b2C3d4E5f6G7h8"]


def test_a_path_is_no_secret_whatever_the_variable_is_called(tmp_path: Path) -> None:
    environment = {
        "A_TOKEN": "/run/secrets/token",
        "B_TOKEN": "/etc",
        "C_TOKEN": "/not+a/path==",
        "D_TOKEN": "/nope",
    }
    assert list(in_environment(environment)) == ["/not+a/path==", "/nope"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("--index-url https://${USER}:${CODE}@example.com/simple", {"deployer", "c0de-word"}),
        ("acme @ https://example.com/acme.whl?t=${CODE}", {"c0de-word"}),
        ("acme @ https://example.com/${CODE}/acme.whl", {"c0de-word"}),
        ("acme @ https://example.com/acme-${RELEASE}.whl", set()),
        ("acme @ https://example.com/acme.whl#sha256=${LONG}", set()),
        ("acme==1.0 --hash=sha256:${LONG}", set()),
        ("-e file://${HERE}/lib", set()),
        ("--extra-index-url ${INDEX}", {"fr0m-index"}),
        ("acme==${RELEASE}", set()),
        ("acme --config-settings=t=${LONG}", {"A1b2C3d4E5f6G7h8"}),
        ("acme @ https://${UNSET}@example.com/", set()),
        ("--find-links https://example.com/t0ken-here/files", {"t0ken-here"}),
        ("find-links = ['https://example.com/a', 'https://example.com/t0ken-here/files']", {"t0ken-here"}),
        ("https://example.com/t0ken-here/files", set()),
    ],
)
def test_what_the_variables_of_a_file_hold_is_secret_by_where_they_are(line: str, found: set[str]) -> None:
    environment = {
        "USER": "deployer",
        "CODE": "c0de-word",
        "RELEASE": "1.26.0.post1",
        "LONG": "A1b2C3d4E5f6G7h8",
        "HERE": "/usr/lib",
        "INDEX": "https://fr0m-index@example.com/simple",
    }
    assert set(in_text(f"first==1.0\n{line}\n", environment)) == found


def test_the_settings_of_an_index_are_looked_into_more_strictly() -> None:
    text = '[[tool.acme.source]]\nurl = "https://example.com/t0ken-here/files"\n[project.urls]\nHome = "https://example.com/b0th-here"\n'
    assert set(in_text(text, {})) == {"t0ken-here"}


def test_a_lock_file_is_looked_into_where_secrets_usually_are() -> None:
    archives = "".join(f'url = "https://example.com/{n:020x}a/acme-{n}.whl"\n' for n in range(300))
    text = archives + 'url = "https://me:p4ss@example.com/a.whl?sig=s1gned"\n'
    assert set(in_text(text, {})) == {"p4ss", "s1gned"}


def test_the_passwords_of_a_netrc() -> None:
    assert list(in_netrc('machine a login me password "qu0ted" macdef init password')) == ["qu0ted"]


def test_the_variables_that_urls_refer_to() -> None:
    text = "--index-url https://${A}@example.com/$B\nacme==${C}\n'https://x/#${D}'"
    assert references(text) == {"A", "B"}
