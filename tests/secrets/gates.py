"""A package index, repositories and archives on loopback that are behind gates, each with a secret of its own."""

from __future__ import annotations

import base64
import re
import socketserver
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from typing_extensions import override

from layerwright.testing.loopback.index import PackageIndex

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.testing.distributions import Artifact
    from layerwright.testing.loopback.server import Response

__all__ = ["Gates", "HiddenIndex"]


class HiddenIndex(PackageIndex):
    """The index behind the gates. Its ``url`` is the one in ``shown``, that of a gate, if there is one."""

    shown: str = ""

    @property
    @override
    def url(self) -> str:
        return self.shown or super().url

    def wheel(self, name: str, version: str) -> Artifact:
        """Return the wheel of *version* of *name*."""
        return self._release(name, version)[0]


class Gates:
    """Serves *index* below ``/<gate>/…``, and the files below *root* at ``/<gate>/git/…``.

    A gate in ``logins`` asks for that user and password, one in ``queries`` for that value of the parameter ``token``.
    Any other opens for those who know its name. As on private indexes, links in pages are absolute and contain the
    secret of a path or a query. A file whose path contains ``stalled`` is not sent.
    """

    def __init__(self, index: HiddenIndex, root: Path) -> None:
        self.index: Final = index
        self.root: Final = root
        self.logins: Final[dict[str, str]] = {}
        self.queries: Final[dict[str, str]] = {}
        self.stalled: str = ""
        self.reached: Final = Event()
        self.passed: Final[set[str]] = set()
        handler = type("_Bound", (_Handler,), {"gates": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def place(self) -> str:
        """The host and the port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, query: str, headers: Mapping[str, str]) -> tuple[int, bytes, dict[str, str]]:
        """Return the status, the body and the headers for a GET."""
        gate, _, rest = path.lstrip("/").partition("/")
        token = parse_qs(query).get("token", [""])[0]
        if gate in self.logins:
            wanted = "Basic " + base64.b64encode(self.logins[gate].encode()).decode()
            if headers.get("authorization") != wanted:
                return 401, b"", {"WWW-Authenticate": 'Basic realm="loopback"'}
        if gate in self.queries and token.partition("/")[0] != self.queries[gate]:
            return 403, b"", {}
        self.passed.add(gate)
        if rest.startswith("git/"):
            file = self.root / rest.removeprefix("git/")
            return (200, file.read_bytes(), {}) if file.is_file() else (404, b"", {})
        response = self._response(gate, f"/{rest}", headers)
        body = response.body
        if rest.startswith(("simple", "links")):
            base = f'"http://{headers["host"]}/{gate}/files/'.encode()
            body = body.replace(b'"/files/', base)
            if gate in self.queries:
                body = re.sub(rb'("http://[^"#]+)', rf"\1?token={token}".encode(), body)
        return response.status, body, {**response.headers, "Vary": "Authorization, Accept"}

    def _response(self, gate: str, path: str, headers: Mapping[str, str]) -> Response:
        if self.stalled and self.stalled in path:
            self.reached.set()
            Event().wait(60)
        if path.startswith("/links"):
            path = f"/simple/{path.rstrip('/').rpartition('/')[2]}/"
        return self.index.respond(path, headers)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that was killed breaks its connection."""


class _Handler(BaseHTTPRequestHandler):
    gates: Gates
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        given = {name.lower(): value for name, value in self.headers.items()}
        status, body, headers = self.gates.answer(unquote(address.path), address.query, given)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass
