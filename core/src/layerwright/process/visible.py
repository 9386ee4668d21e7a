"""Makes characters visible that a terminal obeys, or that cannot be seen."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["harmless", "visible"]

# C0 without the tab and the line feed, DEL, C1, line and paragraph separators, and what turns the direction of text:
# https://trojansource.codes
_OBEYED: Final = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    r"""Return *text* with every character that a terminal obeys as an escape: ``\x1b``; tabs and line feeds stay."""
    # Nearly all text is of this kind, and is then not looked through.
    if text.isprintable():
        return text
    return _OBEYED.sub(lambda found: _escape(found[0]), text)


def visible(text: str) -> str:
    r"""Return *text* with an escape in the place of every character that cannot be seen: ``\u200b``, ``\x00``.

    It is for words that are quoted from a file, which may look right only because of what cannot be seen in them.
    Tabs and line feeds are escaped as well.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
