from __future__ import annotations

from base64 import b64encode

import pytest

from layerwright.process.authority import authority, is_loopback, request_to


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example.com/simple", "https://a.example.com:443/other?x#y"),
        ("http://a.example.com", "http://a.example.com:80/"),
        ("https://me:pw@a.example.com", "https://A.Example.com"),
        ("HTTPS://a.example.com", "https://a.example.com:"),
        ("https://[::1]/", "https://[::1]:443/"),
        ("file:///srv/simple", "file:///srv/other"),
    ],
)
def test_urls_of_the_same_server_have_the_same_authority(one: str, other: str) -> None:
    assert authority(one) == authority(other)


@pytest.mark.parametrize(
    "other",
    [
        "http://a.example.com",
        "http://a.example.com:443",
        "https://a.example.com:80",
        "https://a.example.com:8443",
        "https://b.example.com",
        "https://a.example.com@b.example.com",
        "https://a.example.com:no-port",
        "https://[x/",
        "",
    ],
)
def test_urls_of_other_servers_have_another_one(other: str) -> None:
    assert authority("https://a.example.com") != authority(other)


@pytest.mark.parametrize("text", ["packages", "[x", "https://[x/", "https://a.example.com:no-port"])
def test_a_text_that_is_no_url_is_equal_to_itself_alone(text: str) -> None:
    assert authority(text) == authority(text)
    assert authority(text) != authority(f"{text}s")


@pytest.mark.parametrize("host", ["localhost", "registry.localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_some_names_and_addresses_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.com", "127.example.com", "registry.example.com", "10.0.0.1", "::2", ""]
)
def test_a_name_that_only_begins_like_one_of_this_machine_is_another(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ("", "other:word"),
        ("me:p%40ss%3A@", "me:p@ss:"),
        # RFC 7617: the colon is there without a password, too.
        ("token@", "token:"),
    ],
)
def test_credentials_of_a_url_are_a_header_that_no_redirection_gets(login: str, sent: str) -> None:
    request = request_to(f"https://{login}a.example.com/x?y", {"Accept": "*/*"}, login=("other", "word"))
    assert request.full_url == "https://a.example.com/x?y"
    assert request.unredirected_hdrs == {"Authorization": f"Basic {b64encode(sent.encode()).decode()}"}
    assert request.headers == {"Accept": "*/*", "User-agent": "layerwright"}


def test_a_request_without_credentials_has_no_header_for_them() -> None:
    assert request_to("https://a.example.com", {}).unredirected_hdrs == {}
