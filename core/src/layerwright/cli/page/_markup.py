"""HTML as text in which nothing is markup that was not made here."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from layerwright.process.redaction import KNOWN
from layerwright.process.visible import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Markup", "code", "element", "joined", "text", "verbatim"]

_EMPTY: Final = frozenset({"meta"})


class Markup(str):
    """HTML: text that needs no escapes any more. Only this module creates it from other strings."""

    __slots__ = ()


def text(value: str) -> Markup:
    """Return *value* as text, with its secrets masked and its control characters escaped, as the log prints it."""
    # Secrets first: an escaped one would not be found.
    return Markup(html.escape(harmless(KNOWN.masked(value))))


def element(tag: str, *children: str | None, **attributes: str) -> Markup:
    """Return the element *tag*; children that are not :class:`Markup` become text, as do values of attributes.

    A ``_`` in the name of an attribute stands for a hyphen, and one at its end for nothing. Empty attributes are left
    out.
    """
    given = "".join(
        f' {name.strip("_").replace("_", "-")}="{text(value)}"' for name, value in attributes.items() if value
    )
    if tag in _EMPTY:
        return Markup(f"<{tag}{given}>")
    return Markup(f"<{tag}{given}>{joined(children)}</{tag}>")


def joined(parts: Iterable[str | None], separator: str = "") -> Markup:
    """Return *parts*, as children of an element would be, with *separator* between them."""
    shown = (part if isinstance(part, Markup) else text(part) for part in parts if part)
    return Markup(text(separator).join(shown))


def code(value: str) -> Markup:
    """Return *value* as something that a program reads or prints."""
    return element("code", value)


def verbatim(value: str) -> Markup:
    """Return *value*, which is HTML or CSS of this package, as it is."""
    return Markup(value)
