from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from layerwright.process.command import Command
from layerwright.process.redaction import KNOWN, MASK, Secrets, SecretStr, redacted, secret_variables

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cr3t/Öf+all"


def knowing(*values: str) -> Secrets:
    secrets = Secrets()
    secrets.learn(values)
    return secrets


# The values


def test_a_secret_shows_itself_nowhere_but_where_it_is_asked_for() -> None:
    secret = SecretStr("hunter2")
    assert f"{secret} {secret!r} {[secret]}" == "**** SecretStr('****') [SecretStr('****')]"
    assert "hunter2" not in repr(Command(argv=("true",), env={"TOKEN": secret}))
    assert secret.get_secret_value() == "hunter2"


def test_secrets_are_equal_when_their_values_are() -> None:
    assert {SecretStr("a"), SecretStr("a"), SecretStr("b")} == {SecretStr("b"), SecretStr("a")}
    assert SecretStr("a") != "a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:password@example.com/simple", "https://****@example.com/simple"),
        ("https://token@example.com", "https://****@example.com"),
        ("https://user:p@ss@example.com/", "https://****@example.com/"),
        ("git+ssh://git@example.com/a.git@v1", "git+ssh://****@example.com/a.git@v1"),
        (
            "from 'https://a:b@example.com' and http://c:d@example.com",
            "from 'https://****@example.com' and http://****@example.com",
        ),
        ("https://example.com/a@b", "https://example.com/a@b"),
        ("a name@example.com, no URL", "a name@example.com, no URL"),
    ],
)
def test_the_credentials_of_urls_are_redacted(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("password is hunter2.", ["hunter2"], "password is ****."),
        ("hunter22 hunter2", ["hunter2", "hunter22"], "**** ****"),
        ("nothing to hide", ["", "  ", "\n"], "nothing to hide"),
        ("hunter2", ["hunter2\n"], "****"),
        ("first\nsecond, between, third", ["first\nsecond\r\n\n third\n"], "****\n****, between, ****"),
    ],
)
def test_secrets_are_redacted_as_a_whole_and_line_by_line(text: str, secrets: list[str], shown: str) -> None:
    assert redacted(text, secrets) == shown


# What is found


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").replace("%2F", "%2f").replace("%C3", "%c3").replace("%2B", "%2b"),
        json.dumps(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"me:{SECRET}".encode()).decode(),
        base64.b64encode(f"you:{SECRET}!".encode()).decode(),
        base64.b64encode(f"us:{SECRET}".encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_form_that_it_is_likely_to_be_written_in(form: str) -> None:
    shown = knowing(SECRET).masked(f"before {form} after")
    assert MASK in shown
    assert form not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


def test_a_secret_that_was_learnt_percent_encoded_is_found_as_it_is() -> None:
    assert knowing("p%40ss%2Fw0rd").masked("p@ss/w0rd p%40ss%2fw0rd p%40ss%2Fw0rd") == "**** **** ****"


def test_each_line_of_a_secret_of_several_is_found() -> None:
    key = "-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\n}\n"
    assert knowing(key).masked("a MIIEowIBAAKCAQEA }") == "a **** }"


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        ("hunter2", "hunter2 hunter22 (hunter2)", "**** hunter22 (****)"),
        ("postgres", "postgres postgresql my-postgres", "**** postgresql my-****"),
        ("correcthorsebattery", "correcthorsebatterystaple", "****staple"),
        ("abc", "abc", "abc"),
        ("hunter2", "nothing", "nothing"),
    ],
)
def test_a_short_secret_is_found_as_a_word_and_a_shorter_one_nowhere(
    secret: str, text: str, shown: str
) -> None:
    assert knowing(secret).masked(text) == shown


def test_a_word_is_left_where_it_may_mean_another_thing() -> None:
    secrets = knowing("postgres", "s3cr3t-t0ken")
    assert secrets.masked_values("/srv/postgres s3cr3t-t0ken") == "/srv/postgres ****"
    assert secrets.masked_url("file:///srv/postgres?t=s3cr3t-t0ken") == "file:///srv/postgres?t=****"
    assert (secrets.are_in(b"a s3cr3t-t0ken"), secrets.are_in(b"postgres")) == (True, False)
    assert (secrets.any, knowing("post").any) == (True, False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@example.com/a.whl?sig=1", "https://****@example.com/a.whl?sig=****"),
        ("ssh://git@example.com/a.git", "ssh://git@example.com/a.git"),
        ("https://${USER}:${CODE}@example.com/", "https://${USER}:${CODE}@example.com/"),
        ("/srv/a?sig=1", "/srv/a?sig=1"),
    ],
)
def test_the_url_of_a_file_keeps_what_is_no_secret(url: str, shown: str) -> None:
    assert Secrets().masked_url(url) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "https://s3.example.com/a?X-Amz-Signature=ab12&page=2",
            "https://s3.example.com/a?X-Amz-Signature=****&page=2",
        ),
        ("from https://example.com/a?token=1#sha256=ab", "from https://example.com/a?token=****#sha256=ab"),
        ("what?key=value", "what?key=value"),
    ],
)
def test_the_query_of_a_url_that_nobody_knew_of_is_redacted_by_its_names(text: str, shown: str) -> None:
    assert redacted(text) == shown


# Where they are learnt from


def test_a_variable_with_a_telling_name_is_a_secret() -> None:
    secrets = Secrets()
    secrets.learn_environment({"ACME_TOKEN": "abcd-1234-efgh", "ACME_COLOUR": "abcd-9999-efgh"})
    assert secrets.masked("abcd-1234-efgh abcd-9999-efgh") == "**** abcd-9999-efgh"


def test_the_passwords_of_a_netrc_are_secrets(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine example.com\nlogin me\npassword fr0m-netrc\n")
    other = tmp_path / "other"
    other.write_text("machine example.com login A1b2C3d4E5f6G7h8 password 'an0ther-one' account th3-account")
    secrets = Secrets()
    secrets.learn_environment({"HOME": str(tmp_path), "NETRC": str(other)})
    text = "me fr0m-netrc A1b2C3d4E5f6G7h8 an0ther-one th3-account"
    assert secrets.masked(text) == "me **** **** **** ****"


def test_what_a_file_refers_to_in_a_url_is_a_secret() -> None:
    secrets = Secrets()
    secrets.learn_environment({"ACME_CODE": "fr0m-a-variable", "HOME": ""})
    secrets.learn_file(b"--index-url https://${ACME_CODE}@example.com/simple\n", foreign=False)
    assert secrets.masked("is fr0m-a-variable") == "is ****"
    assert secrets.variables({"ACME_CODE": "fr0m-a-variable"}) == {"ACME_CODE"}


def test_a_file_is_read_in_the_encoding_of_its_byte_order_mark() -> None:
    secrets = Secrets()
    secrets.learn_file("https://me:w1de-text@example.com/".encode("utf-16"), foreign=False)
    assert secrets.masked("w1de-text") == "****"


@pytest.mark.parametrize(
    "data", [b"PK\0\0 https://me:b1nary-file@example.com/", b"://me:b1nary-file@x/" + b" " * 4_000_000]
)
def test_a_binary_file_and_a_huge_one_are_not_looked_into(data: bytes) -> None:
    secrets = Secrets()
    secrets.learn_file(data, foreign=False)
    assert secrets.masked("b1nary-file") == "b1nary-file"


def test_only_a_foreign_file_is_believed_what_it_assigns_to_a_password() -> None:
    text = b'[http-basic.acme]\nusername = "me"\npassword = "t0p-secret" # no\n'
    own, foreign = Secrets(), Secrets()
    own.learn_file(text, foreign=False)
    foreign.learn_file(text, foreign=True)
    assert (own.masked("t0p-secret"), foreign.masked("t0p-secret")) == ("t0p-secret", "****")


def test_of_a_secret_string_that_is_a_url_its_parts_are_secret() -> None:
    secrets = Secrets()
    secrets.learn_secret(SecretStr("https://me:p4ss-word@example.com/simple"))
    secrets.learn_secret(SecretStr("p1ain-value"))
    assert secrets.masked("p4ss-word example.com p1ain-value") == "**** example.com ****"


def test_the_address_of_an_index_has_secrets_in_its_path() -> None:
    secrets = Secrets()
    secrets.learn_url("https://example.com/tok3n-in-path/pythons")
    assert secrets.masked("https://example.com/tok3n-in-path/x") == "https://example.com/****/x"


# Which variables hold them


def test_variables_with_a_secret_in_them_are_named(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine example.com login me password fr0m-netrc")
    environment = {
        "ACME_PASSWORD": "x",
        "ACME_EMPTY_TOKEN": "",
        "PIP_INDEX_URL": "https://me:p4ss-word@example.com/simple",
        "ACME_AGAIN": "--password=p4ss-word",
        "ACME_SAME": "fr0m-netrc",
        "DATABASE": "postgres://example.com/",
        "PATH": "/usr/bin",
        "HOME": str(tmp_path),
    }
    assert secret_variables(environment) == {"ACME_PASSWORD", "PIP_INDEX_URL", "ACME_AGAIN", "ACME_SAME"}


def test_a_word_in_a_path_makes_no_secret_of_it() -> None:
    environment = {
        "PG_PASSWORD": "postgres",
        "PATH": "/opt/postgres/bin",
        "PGUSER": "postgres",
        "HOME": "/nope",
    }
    assert secret_variables(environment) == {"PG_PASSWORD", "PGUSER"}


# Digests


def test_the_digests_of_secrets_are_known() -> None:
    secrets = Secrets()
    index = "https://me:p4ss-word@example.com/simple"
    secrets.learn_environment({"PIP_INDEX_URL": index, "HOME": ""})
    digests = {hashlib.sha256(text.encode()).hexdigest() for text in ("p4ss-word", "p4ss-word\n", index)}
    assert digests <= secrets.digests()


# What everybody asks


def test_a_known_secret_is_redacted_for_everybody() -> None:
    KNOWN.learn(["kn0wn-to-all"])
    assert redacted("kn0wn-to-all and more", ["more"]) == "**** and ****"
    KNOWN.forget()
    assert redacted("kn0wn-to-all") == "kn0wn-to-all"
