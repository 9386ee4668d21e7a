"""Records whose layers a directory of the cache has, and when they were last used.

The file beside the layers has the path of the application, and its time of change is that of the last use, so an
unchanged build writes nothing else.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from layerwright.files.atomic import write_atomically
from layerwright.local.places import APPS

__all__ = ["record_use", "recorded_application"]

_RECORD: Final = "application"


def record_use(layers: Path, app: Path, cache: Path) -> None:
    """Record that the application at *app*, a directory or a script, uses *layers*.

    Do nothing if they are not in *cache*, or if this user may not write there.
    """
    place = layers.parent
    if place.parent != cache / APPS:
        return
    with contextlib.suppress(OSError):
        try:
            os.utime(place / _RECORD)
        except FileNotFoundError:
            place.mkdir(parents=True, exist_ok=True)
            write_atomically(place / _RECORD, os.fsencode(app))


def recorded_application(place: Path) -> tuple[Path, float] | None:
    """Return the application that *place* belongs to, and when it was last used, in seconds since the epoch.

    ``None``: that is not known.
    """
    try:
        with (place / _RECORD).open("rb") as file:
            return Path(os.fsdecode(file.read())), os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
