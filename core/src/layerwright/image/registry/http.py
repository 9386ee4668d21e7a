"""HTTP to registries: connections that stay open, proxies, certificates, redirections.

Neither ``urllib.request``, which closes each connection and sends a body only from its beginning, nor a library with
dependencies of its own, which every buildpack would contain.
"""

from __future__ import annotations

import http.client
import urllib.request
from base64 import b64encode
from threading import get_ident
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from layerwright.image.registry.errors import TryAgainError, refused_error
from layerwright.image.registry.faults import failure, proxy_error
from layerwright.image.registry.trust import trusting
from layerwright.process.authority import authority, is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Answer", "Body", "Http"]

_TIMEOUT: Final = 60
_REDIRECTIONS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTIONS: Final = 5
_LARGEST_ANSWER: Final = 64 << 20
_CHUNK: Final = 1 << 20
_HTTP: Final = 80


class Readable(Protocol):
    """As much of a file as a request needs."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most *size*."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to a position."""
        ...

    def tell(self) -> int:
        """Return the position."""
        ...


class Body(NamedTuple):
    """Some bytes of a file to send: *size* of them, from where the file is."""

    file: Readable
    size: int


class Answer(NamedTuple):
    """An answer: its status and headers, and its content, which must be read, and closed, before another request."""

    status: int
    reason: str
    headers: http.client.HTTPMessage
    content: http.client.HTTPResponse
    url: str

    def read(self) -> bytes:
        """Return the whole content, nothing the second time; ``TryAgainError``: the connection broke."""
        if self.content.closed:
            return b""
        try:
            with self.content:
                content = self.content.read(_LARGEST_ANSWER)
                # With a limit, a connection that breaks is no error.
                missing = self.content.length
        except (OSError, http.client.HTTPException) as error:
            raise TryAgainError(f"the connection broke: {error}") from error
        if missing:
            raise TryAgainError(f"the connection broke after {len(content):,} bytes")
        return content


class Http:
    """Sends requests, of several threads as well, over connections that stay open: one to each host and thread."""

    def __init__(self, timeout: float = _TIMEOUT) -> None:
        self._timeout: Final = timeout
        self._open: dict[tuple[str, str, int], _Route] = {}

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Body = b"",
        *,
        authorization: str = "",
    ) -> Answer:
        """Return the answer to a request, after redirections; *authorization* is sent to the server of *url* alone.

        ``TryAgainError``: there is none. ``SiteError``: there will be none.
        """
        host, server = urlsplit(url).netloc, authority(url)
        for _ in range(_MOST_REDIRECTIONS):
            own = {"Authorization": authorization} if authorization and authority(url) == server else {}
            answer = self._send(method, url, {**headers, **own}, body)
            place = answer.headers.get("Location")
            if answer.status not in _REDIRECTIONS or not place or method not in ("GET", "HEAD"):
                return answer
            answer.read()
            url = urljoin(url, place)
        raise refused_error(
            host, "the request", f"It answered with more than {_MOST_REDIRECTIONS} redirections."
        )

    def close(self) -> None:
        """Close every connection."""
        for route in self._open.values():
            route.connection.close()
        self._open.clear()

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body) -> Answer:
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc)
        # Each operation of a dictionary is atomic.
        own = (*key, get_ident())
        while True:
            kept = self._open.pop(own, None)
            route = kept or _route(*key, self._timeout)
            target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            try:
                _write(route, method, url if route.whole_url else target, headers, body)
                response = route.connection.getresponse()
            except BaseException as error:
                route.connection.close()
                if not isinstance(error, (OSError, http.client.HTTPException)):
                    raise
                closed = isinstance(error, (ConnectionError, http.client.BadStatusLine))
                if kept is not None and closed and not isinstance(body, Body):
                    # The server has closed a connection that was idle: that is no failed attempt. Of a file, some
                    # may have arrived.
                    continue
                raise failure(error, *key, route.proxy) from error
            if response.status == http.client.PROXY_AUTHENTICATION_REQUIRED and route.proxy:
                response.close()
                route.connection.close()
                raise proxy_error(route.proxy, parts.netloc, f"{response.status} {response.reason}")
            if not response.will_close:
                self._open[own] = route
            return Answer(response.status, response.reason, response.headers, response, url)


class _Route(NamedTuple):
    """A connection to a host or its *proxy*, and how requests are written to it."""

    connection: http.client.HTTPConnection
    headers: Mapping[str, str]
    proxy: str
    whole_url: bool


def _write(route: _Route, method: str, target: str, headers: Mapping[str, str], body: bytes | Body) -> None:
    size = body.size if isinstance(body, Body) else len(body)
    length = {"Content-Length": str(size)} if size or method not in ("GET", "HEAD") else {}
    content = _chunks(body) if isinstance(body, Body) else body
    route.connection.request(
        method, target, content, {"User-Agent": "layerwright", **route.headers, **headers, **length}
    )


def _chunks(body: Body) -> Iterator[bytes]:
    left = body.size
    while left and (chunk := body.file.read(min(left, _CHUNK))):
        left -= len(chunk)
        yield chunk


def _route(scheme: str, netloc: str, timeout: float) -> _Route:
    host, port = urlsplit(f"//{netloc}").hostname or "", urlsplit(f"//{netloc}").port
    # A proxy is another machine, on which these addresses are another registry.
    direct = is_loopback(host) or urllib.request.proxy_bypass(netloc)
    proxy = "" if direct else urllib.request.getproxies().get(scheme, "")
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    login = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = {"Proxy-Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    proxy_host = parts.netloc.rpartition("@")[2]
    there = (parts.hostname or "", parts.port or _HTTP) if proxy else (host, port)
    if scheme == "http":
        return _Route(http.client.HTTPConnection(*there, timeout=timeout), login, proxy_host, bool(proxy))
    secure = http.client.HTTPSConnection(*there, timeout=timeout, context=trusting(netloc))
    if proxy:
        secure.set_tunnel(host, port or http.client.HTTPS_PORT, headers=login)
    return _Route(secure, {}, proxy_host, whole_url=False)
