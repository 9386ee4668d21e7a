"""Lists the layers in a store."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from layerwright.build.store._entries import LEFT, read_entry

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["StoredLayer", "stored_layers"]


class StoredLayer(NamedTuple):
    """A layer in a store: what it is, its directory, and its last use in seconds since the epoch."""

    label: str
    path: Path
    used: float


def stored_layers(store: Path) -> tuple[list[StoredLayer], list[Path]]:
    """Return the layers in *store*, and everything else there that no build will remove."""
    found, unknown = [], []
    for path in sorted(store.glob("*")):
        entry = None
        if not path.is_symlink():
            with contextlib.suppress(OSError):
                entry = read_entry(path)
        if entry is not None:
            found.append(StoredLayer(entry.label, path, path.stat().st_mtime))
        elif not path.name.startswith(LEFT):
            unknown.append(path)
    return found, unknown
