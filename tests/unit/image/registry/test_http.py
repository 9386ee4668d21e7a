"""Connections: through proxies, with the certificates that this machine trusts."""

from __future__ import annotations

import io
import socket
import threading
from contextlib import contextmanager
from http.client import HTTPMessage, HTTPResponse
from typing import TYPE_CHECKING, cast

import pytest

from layerwright.errors import SiteError
from layerwright.image.registry.errors import TryAgainError
from layerwright.image.registry.http import Answer, Http

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright.image.registry.http import Body


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one connection with one *answer*; yield the address, and what was received."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                received.append(connection.recv(65536))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}", received
        finally:
            thread.join()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def use_proxy(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, address)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)


class Empty(io.BytesIO):
    """An answer without content."""

    length = 0


class Redirecting(Http):
    """Redirects the first request to *place*, without a connection, and notes the authorization of each."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place
        self.seen: list[str | None] = []

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body) -> Answer:
        del method, body
        self.seen.append(headers.get("Authorization"))
        there, content = HTTPMessage(), Empty()
        if len(self.seen) == 1:
            there["Location"] = self.place
        return Answer(307 if len(self.seen) == 1 else 200, "", there, cast("HTTPResponse", content), url)


@pytest.mark.parametrize(
    ("place", "is_sent"),
    [
        ("/v2/other", True),
        ("https://R.example.com:443/v2/other", True),
        # Anyone between here and there could read it.
        ("http://r.example.com/v2/other", False),
        ("https://r.example.com:8443/v2/other", False),
        ("https://s.example.com/v2/other", False),
    ],
)
def test_an_authorization_is_sent_to_the_server_that_it_is_for_alone(place: str, is_sent: bool) -> None:
    http = Redirecting(place)
    http.request("GET", "https://r.example.com/v2/", {}, authorization="Basic x")
    assert http.seen == ["Basic x", "Basic x" if is_sent else None]


@pytest.mark.parametrize("login", ["", "http://me:p%40ss@"])
def test_a_request_without_tls_goes_to_the_proxy_with_the_whole_url(
    monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    with answering(OK) as (address, received):
        use_proxy(monkeypatch, f"{login}{address}")
        http = Http()
        assert http.request("GET", "http://registry.example.com/v2/?a=b", {}).read() == b"ok"
        http.close()
    assert received[0].startswith(b"GET http://registry.example.com/v2/?a=b HTTP/1.1\r\n")
    assert (b"Proxy-Authorization: Basic bWU6cEBzcw==" in received[0]) is bool(login)


def test_a_registry_on_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    use_proxy(monkeypatch, "http://proxy.example.com:3128")
    with answering(OK) as (address, received):
        http = Http()
        assert http.request("GET", f"http://{address}/v2/", {}).read() == b"ok"
        http.close()
    assert received[0].startswith(b"GET /v2/ HTTP/1.1\r\n")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_another_login_is_an_error_at_once(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with answering(b"HTTP/1.1 407 Login\r\n\r\n") as (address, received):
        use_proxy(monkeypatch, f"http://me:p%40ss@{address}")
        with pytest.raises(SiteError) as caught:
            Http().request("GET", f"{scheme}://registry.example.com/v2/", {})
    if scheme == "https":
        assert received[0].startswith(b"CONNECT registry.example.com:443 ")
    assert b"Proxy-Authorization: Basic bWU6cEBzcw==" in received[0]
    assert caught.value.reference == "registry-proxy"
    assert caught.value.summary == f"The proxy {address} refuses the connection to registry.example.com."
    assert caught.value.cause == "It answered 407 Login."


def test_a_proxy_that_finds_no_way_at_the_moment_may_find_one_later(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(b"HTTP/1.1 503 Later\r\n\r\n") as (address, _):
        use_proxy(monkeypatch, address)
        with pytest.raises(TryAgainError, match="503"):
            Http().request("GET", "https://registry.example.com/v2/", {})


def test_a_407_of_the_registry_itself_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with answering(OK.replace(b"200 OK", b"407 Odd")) as (address, _):
        http = Http()
        assert http.request("GET", f"http://{address}/", {}).status == 407
        http.close()


def test_a_server_without_tls_is_an_error_that_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (address, _), pytest.raises(SiteError) as caught:
        Http().request("GET", f"https://{address}/v2/", {})
    assert caught.value.reference == "registry-tls"
    assert caught.value.summary == f"{address} does not speak TLS."
    assert f'image.plain-http = ["{address}"]' in caught.value.remedy[0]
    assert not caught.value.transient


def test_a_server_with_tls_that_is_asked_without_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    alert = b"\x15\x03\x01\x00\x02\x02\x46\r\n"
    with answering(alert) as (address, _), pytest.raises(SiteError, match="plain HTTP") as caught:
        Http().request("GET", f"http://{address}/v2/", {})
    assert caught.value.reference == "registry-tls"
    assert "image.plain-http" in caught.value.remedy[0]


def test_a_server_that_is_not_there_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(TryAgainError, match=r"^Connection refused$"):
        Http().request("GET", f"http://{address}/", {})


def test_a_content_in_chunks_that_breaks_off_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab") as (address, _):
        http = Http()
        answer = http.request("GET", f"http://{address}/", {})
        with pytest.raises(TryAgainError, match="the connection broke"):
            answer.read()
        http.close()


def test_a_connection_that_the_server_closes_with_its_answer_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    http = Http()
    for _ in range(2):
        with answering(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as (address, _received):
            assert http.request("GET", f"http://{address}/", {}).read() == b"ok"
    http.close()
