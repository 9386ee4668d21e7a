"""Reads the records of a database from a directory of JSON files, or from a zip archive of them."""

from __future__ import annotations

import json
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.advisory import RecordError, read_advisory
from layerwright.build.audit.sources.database import database_error
from layerwright.build.audit.sources.stamped import JSON, files_in, unreadable
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.build.audit.advisory import Advisory
    from layerwright.errors import SiteError

__all__ = ["records"]

_REMEDY: Final = "Get the dump of the database again, for example all.zip of the ecosystem PyPI."


def records(path: Path) -> Iterator[tuple[Advisory, dict[str, Any]]]:
    """Yield each record of the dump at *path*, and its document.

    ``SiteError``: there is none, or one of them cannot be read: a part of a database would pass what the rest refuses.
    """
    empty = True
    try:
        for name, content in _members(path) if path.is_dir() else _archived(path):
            empty = False
            try:
                document = json.loads(content)
                yield read_advisory(document), document
            except (RecordError, ValueError, RecursionError) as error:
                raise _damaged(path, f"{name} is not a record: {error}.") from error
    except OSError as error:
        raise unreadable(path, error) from error
    if empty:
        raise _damaged(path, "There is no file in it whose name ends with .json.")


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in files_in(path):
        yield str(file.relative_to(path)), bounded.read(file)


def _archived(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with bounded.opened(path) as file, zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if member.filename.endswith(JSON):
                    if member.file_size > bounded.LARGEST:
                        raise _damaged(path, f"{member.filename} is too large for a record.")
                    yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, f"It is not a complete zip archive: {error}.") from error


def _damaged(path: Path, cause: str) -> SiteError:
    return database_error(f"The vulnerability database {path} is damaged.", cause, _REMEDY)
