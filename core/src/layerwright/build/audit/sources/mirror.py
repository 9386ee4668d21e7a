"""A dump on a web server, kept in the cache and fetched again only when it has changed there."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from layerwright.build.audit.sources._http import BROKEN, answered, unreachable
from layerwright.build.audit.sources.database import database_error
from layerwright.build.audit.sources.indexed import IndexedDump
from layerwright.build.audit.sources.stamped import copy_of
from layerwright.errors import SiteError
from layerwright.files.atomic import write_atomically
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["mirrored"]

_CHUNK: Final = 1 << 18
_DAY: Final = 24 * 60 * 60


def mirrored(
    url: str,
    place: Path,
    told: Callable[[str], None],
    warn: Callable[[str], None],
    *,
    trusted_for: float = 0,
    now: Callable[[], float] = time.time,
) -> IndexedDump:
    """Return the dump at *url*; *place* has the copy of it.

    The server is not asked within *trusted_for* seconds of the last time. If it does not answer, or its dump is
    damaged, the copy is used, and *warn* is called with its age; ``SiteError``: there is no copy.
    """
    known = copy_of(url, place)
    copy, facts, key = known
    name = redacted(url)
    etag, checked = known.facts_read() if copy.is_file() else ("", 0.0)
    fresh = now() - checked < trusted_for
    try:
        if not fresh:
            etag = _refreshed(url, copy, etag, told)
            # Without it, or if two processes write it at the same time, the server is asked once more.
            with suppress(OSError):
                write_atomically(facts, json.dumps({"etag": etag, "checked": now()}))
    except SiteError as error:
        if not copy.is_file():
            raise
        days = int((now() - copy.stat().st_mtime) // _DAY)
        age = "of today" if days < 1 else f"{days} {'day' if days == 1 else 'days'} old"
        warn(f"{error.summary} {error.cause} The copy that is used is {age}.")
    return IndexedDump(copy, place, told, key=key, name=name)


def _refreshed(url: str, copy: Path, etag: str, told: Callable[[str], None]) -> str:
    """Replace *copy* if the server has another dump than that of *etag*; return the ETag of the copy."""
    with answered(url, {"If-None-Match": etag} if etag else {}) as answer:
        if answer.status == 304:
            return etag
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=copy.parent, prefix=f"{copy.stem}-", suffix=".part")
        except OSError as error:
            raise _not_stored(copy, error) from error
        part = Path(name)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor
                told(f"Downloading the vulnerability database {redacted(url)}")
                _receive(url, answer, file)
            # A dump that is damaged does not replace one that is whole.
            IndexedDump(part, copy.parent, told, key=copy.stem, name=redacted(url))
            part.replace(copy)
        except OSError as error:
            part.unlink()
            raise _not_stored(copy, error) from error
        except BaseException:
            part.unlink()
            raise
        return str(answer.headers.get("ETag", ""))


def _receive(url: str, answer: Any, file: IO[bytes]) -> None:
    length, done = answer.headers.get("Content-Length", ""), 0
    while True:
        try:
            chunk = answer.read(_CHUNK)
        except BROKEN as error:
            raise unreachable(url, f"The connection broke after {done:,} bytes: {error}.") from error
        if not chunk:
            break
        file.write(chunk)
        done += len(chunk)
    if length.isdigit() and done < int(length):
        raise unreachable(url, f"The connection ended after {done:,} of {int(length):,} bytes.")


def _not_stored(copy: Path, error: OSError) -> SiteError:
    return database_error(
        "The vulnerability database could not be stored.",
        f"{error.filename or copy}: {error.strerror or error}",
        f"Free some space in {copy.parent}, and check its permissions.",
    )
