"""Registries on this machine, with TLS or without."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from layerwright.image.registry.client import RegistryClient, Site
from layerwright.image.registry.loopback import speaks_tls

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answering(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one connection, which gets *answer* or is reset; yield the address, and what was received."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                if answer is None:
                    # Unread bytes at the end reset the connection.
                    connection.recv(1)
                    return
                received.append(connection.recv(65536))
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}", received
        finally:
            thread.join()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"\x16\x03\x03\x00\x7a", True),
        # An alert: it speaks TLS, and finds no common version.
        (b"\x15\x03\x01\x00\x02\x02\x46", True),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False),
        (b"", False),
        (None, False),
    ],
)
def test_the_answer_to_the_first_message_says_whether_it_speaks_tls(
    answer: bytes | None, expected: bool
) -> None:
    with answering(answer) as (address, received):
        assert speaks_tls(address) is expected
    assert all(message.startswith(b"\x16\x03") for message in received)


def free_address() -> str:
    """Return an address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_without_an_answer_it_is_not_known() -> None:
    assert speaks_tls(free_address()) is None


def url(registry: str, *plain: str) -> str:
    return RegistryClient(registry, Site(plain=plain)).url("app", "manifests/1")


def test_a_registry_elsewhere_has_tls_unless_it_is_named_plain() -> None:
    assert (
        url("registry.local:5000", "registry.local:5000") == "http://registry.local:5000/v2/app/manifests/1"
    )
    assert url("registry.example.com") == "https://registry.example.com/v2/app/manifests/1"
    assert url("docker.io") == "https://registry-1.docker.io/v2/app/manifests/1"
    # A name below a public domain may lead to any machine.
    assert url("localhost.example.com:5000").startswith("https://")


def test_a_registry_on_this_machine_is_asked_once_whether_it_speaks_tls() -> None:
    with answering(b"\x16\x03\x03\x00\x7a") as (address, received):
        client = RegistryClient(address, Site())
        assert client.url("app", "manifests/1") == f"https://{address}/v2/app/manifests/1"
        assert client.url("app", "manifests/2") == f"https://{address}/v2/app/manifests/2"
    assert len(received) == 1
    with answering(b"HTTP/1.0 400 Bad Request\r\n\r\n") as (address, _):
        assert url(address) == f"http://{address}/v2/app/manifests/1"


def test_a_registry_on_this_machine_that_is_named_plain_is_not_asked() -> None:
    with answering(b"\x16\x03\x03\x00\x7a") as (address, _):
        assert url(address, address) == f"http://{address}/v2/app/manifests/1"
        assert url(address) == f"https://{address}/v2/app/manifests/1"
