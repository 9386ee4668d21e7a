"""Writes a document to a file that the user names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from layerwright.errors import SiteError, UserError
from layerwright.files.atomic import write_atomically

__all__ = ["check_place", "write_document"]

# The beginning of a document says what it is.
_BEGINNING: Final = 1000


def check_place(file: Path, mark: str, *, option: str, words: str) -> None:
    """Raise a ``UserError`` if *file* exists and is neither empty nor a document, which has *mark* in its beginning.

    *words* describe a document; *option* of the command line names the file.
    """
    if file.is_dir():
        raise UserError(f"{file} is a directory.", remedy=_remedy(option), reference="output-not-ours")
    if not file.exists():
        return
    beginning = b""
    if file.is_file():
        try:
            with file.open("rb") as opened:
                beginning = opened.read(_BEGINNING)
        except OSError as error:
            raise _unwritable(file, error, file, option) from error
        if not beginning or mark.encode() in beginning:
            return
    raise UserError(
        f"{file} already exists, and is not {words}.",
        cause="Its contents would be lost." if beginning else "It is not a regular file.",
        remedy=_remedy(option),
        reference="output-not-ours",
    )


def write_document(file: Path, text: str, *, option: str) -> None:
    """Write *text* to *file*, which *option* named; ``SiteError``: it cannot be written; the old file is unchanged."""
    try:
        # A link stays a link. Names of files need not be valid UTF-8.
        write_atomically(Path(os.path.realpath(file)), text.encode(errors="backslashreplace"))
    except OSError as error:
        raise _unwritable(file, error, file.parent, option) from error


def _remedy(option: str) -> str:
    return f"Choose another file with {option}, or - for standard output."


def _unwritable(file: Path, error: OSError, place: Path, option: str) -> SiteError:
    return SiteError(
        f"{file} cannot be written.",
        cause=f"{error.strerror}: {place}",
        remedy=_remedy(option),
        reference="output-not-writable",
    )
