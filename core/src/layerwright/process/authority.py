"""The authority of a URL (RFC 3986, 3.2): which server it is, and requests whose credentials no other one gets."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.request import Request

__all__ = ["Authority", "authority", "is_loopback", "request_to"]

_PORTS: Final = {"http": 80, "https": 443}


class Authority(NamedTuple):
    """What is equal for URLs of the same server."""

    scheme: str
    host: str
    """In lower case; the whole text for one that is no URL."""

    port: int | None
    """``None`` stands for the default port of the scheme."""


def authority(url: str) -> Authority:
    """Return the authority of *url*, whose user name and password do not count."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.scheme:
            port = None if parts.port == _PORTS.get(parts.scheme) else parts.port
            return Authority(parts.scheme, parts.hostname or "", port)
    return Authority("", url, None)


def is_loopback(host: str) -> bool:
    """Return whether *host*, a name or an address, is this machine by its form: no name is looked up."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        # https://www.rfc-editor.org/rfc/rfc6761#section-6.3
        return host == "localhost" or host.endswith(".localhost")


def request_to(
    url: str, headers: Mapping[str, str], body: bytes | None = None, *, login: tuple[str, str] = ("", "")
) -> Request:
    """Return a request for *url*, with its user name and password as a header, or else with *login*.

    A redirection drops the header. ``ValueError``: *url* is no URL.
    """
    from base64 import b64encode
    from urllib.request import Request

    parts = urlsplit(url)
    own = unquote(parts.username or ""), unquote(parts.password or "")
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = Request(plain, body, {"User-Agent": "layerwright", **headers})  # noqa: S310  # checked by the callers
    user, password = own if any(own) else login
    if user or password:
        pair = b64encode(f"{user}:{password}".encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {pair}")
    return request
