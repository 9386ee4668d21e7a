"""Writes the page of an explanation to a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from layerwright.errors import SiteError, UserError
from layerwright.files.atomic import write_atomically

__all__ = ["check_place", "write_page"]

_REMEDY: Final = "Choose another file with --html, or - for standard output."
# The beginning of a page has its generator.
_BEGINNING: Final = 1000


def check_place(file: Path, mark: str) -> None:
    """Raise a ``UserError`` if *file* exists and is neither empty nor a page, which has *mark* in its beginning."""
    if file.is_dir():
        raise UserError(f"{file} is a directory.", remedy=_REMEDY, reference="output-not-ours")
    if not file.exists():
        return
    beginning = b""
    if file.is_file():
        try:
            with file.open("rb") as opened:
                beginning = opened.read(_BEGINNING)
        except OSError as error:
            raise _unwritable(file, error, file) from error
        if not beginning or mark.encode() in beginning:
            return
    raise UserError(
        f"{file} already exists, and is not a page that `layerwright explain --html` wrote.",
        cause="Its contents would be lost." if beginning else "It is not a regular file.",
        remedy=_REMEDY,
        reference="output-not-ours",
    )


def write_page(file: Path, page: str) -> None:
    """Write *page* to *file*; ``SiteError``: it cannot be written, and the old file is unchanged."""
    try:
        # A link stays a link. Names of files need not be valid UTF-8.
        write_atomically(Path(os.path.realpath(file)), page.encode(errors="backslashreplace"))
    except OSError as error:
        raise _unwritable(file, error, file.parent) from error


def _unwritable(file: Path, error: OSError, place: Path) -> SiteError:
    return SiteError(
        f"{file} cannot be written.",
        cause=f"{error.strerror}: {place}",
        remedy=_REMEDY,
        reference="output-not-writable",
    )
