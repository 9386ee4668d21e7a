"""Which database a name stands for: a path, a mirror or a service."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.audit.sources.indexed import IndexedDump
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.build.audit.sources.database import Database

__all__ = ["PUBLIC", "SERVICE", "open_database"]

PUBLIC: Final = "osv"
"""The name of the public service."""
SERVICE: Final = "https://api.osv.dev"
"""Its URL. No other outside host has a name here, and none is asked unless it is named."""


def open_database(
    name: str,
    place: Path,
    *,
    told: Callable[[str], None],
    warn: Callable[[str], None],
    trusted_for: float = 0,
    now: Callable[[], float] = time.time,
) -> Database:
    """Return the database *name*; the directory *place* keeps indexes and copies.

    *name* is a path, the URL of a mirror of a dump, which ends with ``.zip``, the URL of a service, or ``osv``.
    *told* is called before what may take seconds, *warn* with what the user must know, such as the age of a copy that
    could not be refreshed. A mirror is not asked again within *trusted_for* seconds. ``UserError``: there is no such
    path; ``SiteError``: it cannot be read.
    """
    path = Path(name.removeprefix("file://"))
    # A directory may have the name of the service; nothing is sent to an outside host by mistake.
    if name.startswith(("https://", "http://")) or (name == PUBLIC and not path.exists()):
        if name.partition("?")[0].endswith(".zip"):
            from layerwright.build.audit.sources.mirror import mirrored

            return mirrored(name, place, told, warn, trusted_for=trusted_for, now=now)
        from layerwright.build.audit.sources.service import Service

        return Service(SERVICE if name == PUBLIC else name, now=now)
    if not path.exists():
        from layerwright.process.redaction import redacted

        is_path = path.is_absolute() or "://" not in name
        raise UserError(
            f"There is no vulnerability database {path if is_path else redacted(name)}.",
            cause="" if is_path else "URLs of databases begin with https://, http:// or file://.",
            remedy=f"Name a directory or a FILE.zip of records, the URL of such a file or of a service, or {PUBLIC}.",
            reference="no-vulnerability-database",
        )
    return IndexedDump(path, place, told)
