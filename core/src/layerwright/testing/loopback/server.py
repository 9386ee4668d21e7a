"""An HTTP server on loopback that records its requests, and fails on demand."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import sys
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, unquote, urlsplit

from typing_extensions import override

from layerwright.testing.loopback.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

__all__ = ["LoopbackServer", "Request", "Response"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A received request, and the status of its answer; header names are in lower case."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer; with ``cut_after`` the connection breaks after that many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


class LoopbackServer(ABC):
    """Serves on 127.0.0.1 at a free port, from its creation until it is closed.

    Paths have no percent-encoding. Patterns are those of ``fnmatch``, where ``*`` also matches
    ``/``. ``times`` is the number of requests that a fault affects: by default all.
    """

    root: ClassVar[str] = "/"

    def __init__(self) -> None:
        self.requests: Final[list[Request]] = []
        self._faults: list[Fault] = []
        self._authorization = ""
        self._server = _Server(self._answer)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        """Return the answer to a GET of *path*; *headers* have names in lower case."""

    @property
    def url(self) -> str:
        """The URL of the server; it ends with a slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.root}"

    def close(self) -> None:
        """Shut down: break every open connection and refuse new ones."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server.break_connections()
            for fault in self._faults:
                fault.lift()

    def forget(self) -> None:
        """Reset the server: lift every fault, require no login, and forget the requests."""
        for fault in self._faults:
            fault.lift()
        self._faults.clear()
        self._authorization = ""
        self.requests.clear()

    def require_login(self, user: str, password: str) -> str:
        """Answer 401 to requests without these credentials from now on; return the URL with them."""
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        return self.url.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")

    def fail(self, pattern: str, *, status: int = 503, times: int | None = None) -> Fault:
        """Answer with *status*."""
        return self._fault(pattern, times, lambda _, response: Response(status=status))

    def cut(self, pattern: str, *, after_bytes: int, times: int | None = None) -> Fault:
        """Promise the whole body, send *after_bytes* of it, and break the connection."""
        return self._fault(pattern, times, lambda _, response: replace(response, cut_after=after_bytes))

    def corrupt(self, pattern: str, *, times: int | None = None) -> Fault:
        """Send the right number of bytes, with a wrong last one."""
        return self._fault(
            pattern, times, lambda _, response: replace(response, body=_corrupted(response.body))
        )

    def stall(self, pattern: str, *, times: int | None = None) -> Fault:
        """Accept the request, and answer only when the fault is lifted."""

        def hold(fault: Fault, response: Response) -> Response:
            fault.wait_until_lifted()
            return response

        return self._fault(pattern, times, hold)

    def _fault(self, pattern: str, times: int | None, change: Callable[[Fault, Response], Response]) -> Fault:
        fault = Fault(pattern, times, change)
        self._faults.append(fault)
        return fault

    def _answer(self, method: str, path: str, headers: Mapping[str, str]) -> Response:
        if self._authorization and headers.get("authorization") != self._authorization:
            response = Response(status=401, headers={"WWW-Authenticate": 'Basic realm="loopback"'})
        else:
            response = _conditional(self.respond(path, headers), headers)
        for fault in self._faults:
            if fault.strikes(path):
                response = fault.change(response)
                break
        self.requests.append(Request(method=method, path=path, status=response.status, headers=headers))
        return response


def _conditional(response: Response, headers: Mapping[str, str]) -> Response:
    """Return *response* with a validator, reduced by the request's conditions and range (RFC 9110)."""
    if response.status != 200:
        return response
    etag = f'"{hashlib.sha256(response.body).hexdigest()}"'
    response = replace(response, headers={**response.headers, "ETag": etag, "Accept-Ranges": "bytes"})
    if headers.get("if-none-match") == etag:
        return replace(response, status=304, body=b"")
    size = len(response.body)
    wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", headers.get("range", ""))
    if wanted is None or headers.get("if-range", etag) != etag or int(wanted[1]) >= size:
        return response
    first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
    content_range = {"Content-Range": f"bytes {first}-{last}/{size}"}
    return replace(
        response,
        status=206,
        body=response.body[first : last + 1],
        headers={**response.headers, **content_range},
    )


def _corrupted(body: bytes) -> bytes:
    return body[:-1] + bytes(byte ^ 1 for byte in body[-1:])


# Not http.server.HTTPServer, which resolves the machine's name when it starts.
class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Callable[[str, str, Mapping[str, str]], Response]) -> None:
        self.answer = answer
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    @override
    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    @override
    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def break_connections(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):  # the client was first
                connection.shutdown(socket.SHUT_RDWR)

    @override
    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        response = self.server.answer(self.command, unquote(urlsplit(self.path).path), headers)
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(response.body[: response.cut_after])
            self.close_connection = self.close_connection or response.cut_after is not None

    def do_HEAD(self) -> None:
        self.do_GET()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: ``LoopbackServer.requests`` is the log."""
