"""The authority of a URL: which server its credentials are for (RFC 3986, 3.2)."""

from __future__ import annotations

from typing import Final, NamedTuple
from urllib.parse import urlsplit

__all__ = ["Authority", "authority"]

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
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return Authority("", url, None)
    return Authority(parts.scheme, parts.hostname or "", None if port == _PORTS.get(parts.scheme) else port)
