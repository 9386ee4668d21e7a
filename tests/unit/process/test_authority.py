from __future__ import annotations

import pytest

from layerwright.process.authority import authority


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
