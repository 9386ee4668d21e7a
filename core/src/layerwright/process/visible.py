"""Escapes for control characters of terminals and for invisible characters."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["harmless", "visible"]

# C0 without tab and line feed, DEL, C1, line and paragraph separators, and characters that change the direction of
# text: https://trojansource.codes
_OBEYED: Final = "[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"


def harmless(text: str) -> str:
    r"""Return *text* with every control character of terminals escaped: ``\x1b``; tabs and line feeds stay."""
    # Nearly all text is like this, and needs no search.
    if text.isprintable():
        return text
    return re.sub(_OBEYED, lambda found: _escape(found[0]), text)


def visible(text: str) -> str:
    r"""Return *text* with every invisible character escaped, also tabs and line feeds: ``\u200b``, ``\x00``.

    Use it for words quoted from a file, which may look right only because of invisible characters.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
