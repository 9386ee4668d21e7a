"""Reads the records of a database from a directory of JSON files, or from a zip archive of them."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.advisory import RecordError, read_advisory
from layerwright.build.audit.sources.database import database_error
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.build.audit.advisory import Advisory
    from layerwright.errors import SiteError

__all__ = ["records", "stamp"]

_JSON: Final = ".json"
_REMEDY: Final = "Get the dump of the database again, for example all.zip of the ecosystem PyPI."


def stamp(path: Path) -> str:
    """Return what changes when the dump at *path* does: sizes and times of its files, as a digest.

    ``SiteError``: it cannot be read.
    """
    found = sha256()
    try:
        for file in _files(path) if path.is_dir() else (path,):
            status = file.stat()
            # A file that was moved over another may be older.
            entry = f"{file.relative_to(path)}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n"
            found.update(os.fsencode(entry))
    except OSError as error:
        raise _unreadable(path, error) from error
    return found.hexdigest()


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
        raise _unreadable(path, error) from error
    if empty:
        raise _damaged(path, "There is no file in it whose name ends with .json.")


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in _files(path):
        yield str(file.relative_to(path)), bounded.read(file)


def _files(path: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(path):
        # A clone's own files are no records.
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield from (Path(directory, name) for name in sorted(files) if name.endswith(_JSON))


def _archived(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with bounded.opened(path) as file, zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if member.filename.endswith(_JSON):
                    if member.file_size > bounded.LARGEST:
                        raise _damaged(path, f"{member.filename} is too large for a record.")
                    yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path, f"It is not a complete zip archive: {error}.") from error


def _damaged(path: Path, cause: str) -> SiteError:
    return database_error(f"The vulnerability database {path} is damaged.", cause, _REMEDY)


def _unreadable(path: Path, error: OSError) -> SiteError:
    return database_error(
        f"The vulnerability database {path} cannot be read.",
        f"{error.filename or path}: {error.strerror or error}",
        "Check the path and its permissions.",
    )
