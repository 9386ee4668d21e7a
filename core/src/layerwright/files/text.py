"""Decodes text files, and those in TOML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from layerwright.errors import UserError
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["toml", "utf_8"]


def utf_8(data: bytes, name: str, *, instead: str = "") -> str:
    """Return *data*, the content of the file *name*, as text, without a byte order mark.

    ``UserError``: it is not UTF-8. The message shows *instead*, if it is not empty, and no byte of the file.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Not data: error.start does not count a byte order mark.
        line = error.object.count(b"\n", 0, error.start) + 1
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _not_utf_8(name, "It is UTF-16, as the first two bytes say.") from error
        byte = instead or f"0x{error.object[error.start]:02x}"
        raise _not_utf_8(name, f"Byte {byte} on line {line} is not valid there.") from error
    if "\0" in text:
        # Most UTF-16 without a byte order mark is valid UTF-8 too, and looks the same on a terminal.
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _not_utf_8(
            name, f"Line {line} has NUL characters, which occur in UTF-16 but not in UTF-8 text."
        )
    return text


def toml(text: str, name: str, *, instead: str = "") -> Mapping[str, Any]:
    """Return *text*, the content of the file *name*, as a mapping.

    ``UserError``: it is not TOML. The message has the place, and *instead*, if it is not empty, in place of words.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError, which has the line and the column: a number can be too long for Python, and
        # brackets can be nested too deeply.
        place = re.search(r"\(at [a-z0-9 ,]+\)$", str(error))
        shown = f"{instead} {place[0] if place else ''}" if instead else visible(str(error))
        raise UserError(
            f"{name} is not valid TOML.",
            cause=f"{shown.rstrip()}.",
            remedy=f"Correct {name} at that place.",
            reference="malformed-toml",
        ) from error


def _not_utf_8(name: str, cause: str) -> UserError:
    return UserError(
        f"{name} is not UTF-8 text.",
        cause=cause,
        remedy=f"Save {name} with the encoding UTF-8.",
        reference="not-utf-8",
    )
