"""Lists what is in a store: layers, bytecode, and downloads."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from layerwright.build.store._entries import LEFT, read_entry
from layerwright.build.store._sealed import read_sealed
from layerwright.build.store.bytecode import PLACE
from layerwright.build.store.downloads import COMPLETE, DOWNLOADS, LOCK

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["StoredBytecode", "StoredLayer", "stored_bytecode", "stored_downloads", "stored_layers"]


class StoredLayer(NamedTuple):
    """A layer in a store: what it is, its directory, and its last use in seconds since the epoch."""

    label: str
    path: Path
    used: float


class StoredBytecode(NamedTuple):
    """The bytecode of a distribution for a version of Python, its directory, and its last use, as above."""

    label: str
    python: str
    path: Path
    used: float


def stored_layers(store: Path) -> tuple[list[StoredLayer], list[Path]]:
    """Return the layers in *store*, and everything else there that no build will remove.

    Bytecode and downloads are neither.
    """
    found, unknown = [], []
    for path in sorted(store.glob("*")):
        if path.name in (PLACE, DOWNLOADS):
            continue
        entry = None
        if not path.is_symlink():
            with contextlib.suppress(OSError):
                entry = read_entry(path)
        if entry is not None:
            found.append(StoredLayer(entry.label, path, path.stat().st_mtime))
        elif not path.name.startswith(LEFT):
            unknown.append(path)
    return found, unknown


def stored_bytecode(store: Path) -> tuple[list[StoredBytecode], list[Path]]:
    """Return the bytecode in *store*, and everything else in its place that no build will remove."""
    found, unknown = [], []
    for path in sorted((store / PLACE).glob("*")):
        sealed = None
        if not path.is_symlink():
            with contextlib.suppress(OSError):
                sealed = read_sealed(path)
        if sealed is not None:
            found.append(StoredBytecode(sealed.label, sealed.python, path, path.stat().st_mtime))
        elif not path.name.startswith(LEFT):
            unknown.append(path)
    return found, unknown


def stored_downloads(store: Path) -> tuple[list[StoredLayer], list[Path]]:
    """Return the download caches in *store*, each with its name as label, and everything else in their place."""
    found, unknown = [], []
    for path in sorted((store / DOWNLOADS).glob("*")):
        if path.is_symlink() or not (path / LOCK).is_file():
            unknown.append(path)
            continue
        # The time when the last build gave it back, or began to use it.
        last = next(one for one in (path / COMPLETE, path) if one.exists())
        found.append(StoredLayer(path.name, path, last.stat().st_mtime))
    return found, unknown
