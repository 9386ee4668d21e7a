"""Writes the documents about an image as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.files.atomic import write_atomically
from layerwright.image.output.place import check_writable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.image.attached.artifact import Document

__all__ = ["check_documents", "write_documents"]

_WHAT: Final = "The documents"


def check_documents(directory: Path) -> None:
    """Raise ``UserError`` if nothing can be written into *directory*, existing or not."""
    check_writable(directory, directory, what=_WHAT)


def write_documents(directory: Path, documents: Iterable[Document]) -> None:
    """Write *documents* into *directory*, each in place of the file with its name."""
    directory.mkdir(parents=True, exist_ok=True)
    for each in documents:
        write_atomically(directory / each.title, each.content)
