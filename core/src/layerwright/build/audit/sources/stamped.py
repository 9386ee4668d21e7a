"""Which index belongs to a dump, by the sizes and times of its files.

An unchanged build imports this alone: it finds the digest of records that were read before.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.errors import SiteError

__all__ = ["JSON", "Copy", "copy_of", "files_in", "index_of", "known_digest", "stamp", "unreadable"]

JSON: Final = ".json"
"""How the name of a record ends."""
_DIGEST: Final = ".digest"
# Changes whenever the tables of an index or the fields of a record do.
_FORMAT: Final = 1


class Copy(NamedTuple):
    """The copy of a dump on a web server: its ``file``, ``facts`` about it, and the ``key`` of its index."""

    file: Path
    facts: Path
    key: str

    def facts_read(self) -> tuple[str, float]:
        """Return the ETag of the copy, and when the server was asked last, in seconds since the epoch."""
        import json

        try:
            found = json.loads(self.facts.read_bytes())
            return str(found["etag"]), float(found["checked"])
        except (OSError, ValueError, KeyError, TypeError):
            return "", 0.0


def copy_of(url: str, place: Path) -> Copy:
    """Return the copy in *place* of the dump at *url*."""
    key = sha256(url.encode()).hexdigest()[:12]
    return Copy(place / f"{key}.zip", place / f"{key}.json", key)


def stamp(path: Path) -> str:
    """Return what changes when the dump at *path* does: sizes and times of its files, as a digest.

    ``SiteError``: it cannot be read.
    """
    found = sha256()
    try:
        for file in files_in(path) if path.is_dir() else (path,):
            status = file.stat()
            # A file that was moved over another may be older.
            entry = f"{file.relative_to(path)}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ino}\n"
            found.update(os.fsencode(entry))
    except OSError as error:
        raise unreadable(path, error) from error
    return found.hexdigest()


def files_in(path: Path) -> Iterator[Path]:
    """Yield the records of the directory *path*, in the order of their names."""
    for directory, names, files in os.walk(path):
        # A clone's own files are no records.
        names[:] = sorted(name for name in names if not name.startswith("."))
        yield from (Path(directory, name) for name in sorted(files) if name.endswith(JSON))


def index_of(path: Path, place: Path, key: str = "") -> tuple[Path, str]:
    """Return the file in *place* of the index of the dump at *path*, and how the names of all its indexes begin.

    *key* identifies the dump among others, by default its path. Beside the index, its digest is in a file of its own.
    """
    prefix = sha256(os.fsencode(key or path.absolute())).hexdigest()[:12]
    return place / f"{prefix}-{stamp(path)[:24]}-{_FORMAT}.index", prefix


def known_digest(path: Path, place: Path, key: str = "") -> str:
    """Return the digest of the records of the dump at *path*, if there is an index of it; otherwise nothing."""
    try:
        return index_of(path, place, key)[0].with_suffix(_DIGEST).read_text()
    except (OSError, ValueError):
        return ""


def unreadable(path: Path, error: OSError) -> SiteError:
    """Return the error that the dump at *path* cannot be read."""
    from layerwright.build.audit.sources.database import database_error

    return database_error(
        f"The vulnerability database {path} cannot be read.",
        f"{error.filename or path}: {error.strerror or error}",
        "Check the path and its permissions.",
    )
