"""Chooses what to remove from the cache, and removes it.

An entry is first moved to a trash directory, by one rename, while no build uses it, and deleted there. So a stop leaves
it either whole or in the trash, which the next prune empties.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.local._trash import Trash
from layerwright.local.cache.applications import Applications
from layerwright.local.cache.downloads import Databases, Downloads, Interpreters, LeftOver
from layerwright.local.cache.entries import Sizes
from layerwright.local.cache.images import ImageContents
from layerwright.local.cache.stored import StoredBytecode, StoredDownloads, StoredLayers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright.local.cache.entries import Entry, Found, Kind

__all__ = ["DAYS", "KINDS", "Pruned", "Rule", "contents", "prune", "unknown_places"]

DAYS: Final = 30
"""How long an entry that ages stays in the cache without being used, in days."""
_DAY: Final = 24 * 60 * 60
_LEFT_OVER: Final = LeftOver()
KINDS: Final[tuple[Kind, ...]] = (
    Applications(),
    StoredLayers(),
    StoredBytecode(),
    StoredDownloads(),
    ImageContents(),
    Downloads(),
    Interpreters(),
    Databases(),
    _LEFT_OVER,
)
"""Every kind of entries."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What to remove at the time *now*: what is gone, and what was not used for a while.

    With ``days``, that is any kind of entry that was not used for so long; otherwise a kind that ages, after ``DAYS``.
    """

    now: float
    days: float | None = None
    everything: bool = False

    def reason(self, kind: Kind, entry: Entry) -> str:
        """Return why to remove *entry*; empty: it stays."""
        if entry.gone:
            return "left over" if kind is _LEFT_OVER else "it does not exist"
        if self.everything:
            return "everything"
        limit = self.days if self.days is not None else DAYS if kind.ages else None
        unused = (self.now - entry.used) / _DAY
        if limit is None or unused < limit:
            return ""
        return f"not used for {int(unused)} days"


class Pruned(NamedTuple):
    """An entry that a prune chose, and why; ``removed`` is false if a build or a process uses it."""

    kind: Kind
    entry: Entry
    reason: str
    removed: bool


def contents(cache: Path) -> Sequence[tuple[Kind, Found]]:
    """Return what is in *cache*, kind by kind."""
    sizes = Sizes()
    return [(kind, kind.find(cache, sizes)) for kind in KINDS]


def unknown_places(cache: Path) -> list[Path]:
    """Return what is in *cache* beside the places of all kinds."""
    return sorted(path for path in cache.glob("*") if path.name not in {kind.place for kind in KINDS})


def prune(cache: Path, rule: Rule, *, dry_run: bool = False) -> Iterator[Pruned]:
    """Remove the entries that *rule* chooses, and yield each; with *dry_run*, remove nothing."""
    trash = Trash(cache / _LEFT_OVER.place)
    for kind, found in contents(cache):
        for entry in found.entries:
            reason = rule.reason(kind, entry)
            if not reason:
                continue
            with kind.idle(cache, entry) as idle:
                if idle and not dry_run and kind is not _LEFT_OVER:
                    for path in entry.paths:
                        trash.put(path)
            if not dry_run:
                trash.empty()
            yield Pruned(kind, entry, reason, idle)
