"""Registries on this machine, which may speak TLS or not: which of them, a connection finds out."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

__all__ = ["speaks_tls"]

# A server without TLS may wait for the end of a request that never comes.
_SECONDS: Final = 5
_HTTPS: Final = 443
# An alert or a handshake, of any version: https://www.rfc-editor.org/rfc/rfc8446#section-5.1
_RECORDS: Final = frozenset({b"\x15\x03", b"\x16\x03"})


def speaks_tls(registry: str) -> bool | None:
    """Return whether the server at the address *registry* answers the first message of TLS; ``None``: none is there.

    No certificate is verified: the connections that follow do that.
    """
    parts = urlsplit(f"//{registry}")
    try:
        with socket.create_connection((parts.hostname or "", parts.port or _HTTPS), _SECONDS) as connection:
            connection.sendall(_hello(parts.hostname or ""))
            return _answer(connection)[:2] in _RECORDS
    except OSError:
        return None


def _hello(host: str) -> bytes:
    sent = ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(ssl.MemoryBIO(), sent, server_hostname=host)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


def _answer(connection: socket.socket) -> bytes:
    try:
        return connection.recv(5)
    except OSError:
        return b""
