"""Decode requirements files: by byte order mark, by declaration (PEP 263), or as UTF-8."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from layerwright import UserError

if TYPE_CHECKING:
    from layerwright import Project

__all__ = ["decoded"]

# UTF-32 first: its mark begins with that of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION: Final = rb"#.*?coding[:=]\s*([-\w.]+)"


def decoded(project: Project, name: str, data: bytes) -> str:
    """Return *data*, the content of the requirements file *name*, as text.

    Raises ``UserError`` if it cannot be decoded, or if it is not UTF-8 and declares no encoding. pip would then
    use the machine's locale, but a build must not depend on that.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode(project, name, data.removeprefix(mark), encoding)
    for line in data.split(b"\n", 2)[:2]:
        declared = re.match(_DECLARATION, line) if b"coding" in line else None
        if declared:
            return _decode(project, name, data, declared[1].decode("ascii", "replace"))
    return project.text(name)


def _decode(project: Project, name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise UserError(
            f"{name} is not in its declared encoding.",
            cause=f"{project.quoted(name, str(error))}.",
            remedy=f"Save {name} with the encoding UTF-8, and remove the declaration from its first lines.",
            reference="not-utf-8",
        ) from error
