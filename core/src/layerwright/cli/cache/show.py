"""``layerwright cache`` and ``cache dir``: show what is in the user's cache directory, and where that is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from layerwright.local.cache.pruning import contents, unknown_places
from layerwright.local.places import default_cache
from layerwright.output.words import bytes_words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from layerwright.local.cache.entries import Entry, Found, Kind
    from layerwright.output.log import Log

__all__ = ["directory", "run", "used_words"]

_DAY = 24 * 60 * 60


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Show every entry with its size and last use, as text or as JSON."""
    cache = default_cache(environment)
    found = contents(cache)
    unknown = [*unknown_places(cache), *(path for _, one in found for path in one.unknown)]
    if arguments.json:
        log.json(_as_json(cache, found, unknown))
        return 0
    now = time.time()
    log.line(f"{cache}: {bytes_words(_total(found))}")
    for kind, one in found:
        if one.entries:
            log.heading(kind.title)
            rows = [row for entry in one.entries for row in _rows(entry, now)]
            log.table(("size", "last used", kind.name), rows, right=(0,))
    if unknown:
        log.heading("Not recognised, and never removed")
        for path in unknown:
            log.note(str(path))
    if any(entry.gone for _, one in found for entry in one.entries):
        log.line()
        log.line("Remove what is gone: layerwright cache prune")
    return 0


def directory(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Print the path of the cache directory."""
    del arguments
    log.line(str(default_cache(environment)))
    return 0


def used_words(seconds: float) -> str:
    """Format how long ago something was used: ``today``, ``yesterday``, ``12 days ago``."""
    days = int(seconds // _DAY)
    return "today" if days < 1 else "yesterday" if days == 1 else f"{days} days ago"


def _rows(entry: Entry, now: float) -> Iterator[Sequence[str]]:
    gone = " (gone)" if entry.gone else ""
    yield bytes_words(entry.size), used_words(now - entry.used), f"{entry.name}{gone}"
    for name, size in entry.parts.items():
        yield bytes_words(size), "", f"  {name}"


def _total(found: Sequence[tuple[Kind, Found]]) -> int:
    return sum(entry.size for _, one in found for entry in one.entries)


def _as_json(cache: Path, found: Sequence[tuple[Kind, Found]], unknown: Sequence[Path]) -> dict[str, object]:
    return {
        "directory": str(cache),
        "size": _total(found),
        "entries": [
            {
                "kind": kind.name,
                "name": entry.name,
                "paths": [str(path) for path in entry.paths],
                "size": entry.size,
                "last-used": datetime.fromtimestamp(entry.used, UTC).isoformat(timespec="seconds"),
                "gone": entry.gone,
                "parts": dict(entry.parts),
            }
            for kind, one in found
            for entry in one.entries
        ],
        "unknown": [str(path) for path in unknown],
    }
