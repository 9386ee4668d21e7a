"""Addresses that a document may contain."""

from __future__ import annotations

from typing import Final

__all__ = ["web_address"]

_NEVER: Final = frozenset(' <>"{}|\\^`[]')


def web_address(url: object) -> str:
    """Return *url* if it is an absolute URL of the web with no character that it must not have; otherwise nothing.

    One invalid URL makes a whole document invalid.
    """
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return ""
    return url if url.isascii() and url.isprintable() and not _NEVER & set(url) else ""
