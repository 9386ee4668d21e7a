"""The layers that were made for one application and are linked into others."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from layerwright.build.store.listing import stored_layers
from layerwright.local.cache.entries import Entry, Found

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.local.cache.entries import Sizes

__all__ = ["StoredLayers"]


class StoredLayers:
    """An entry for each layer in the store. Files that applications have as well are counted there."""

    name = "stored-layer"
    title = "Stored layers"
    place = "store"
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the stored layers; what builds do not recognise is unknown."""
        layers, unknown = stored_layers(cache / self.place)
        entries = [
            Entry(name=f"{label} ({path.name})", paths=[path], size=sizes.of(path), used=used)
            for label, path, used in layers
        ]
        return Found(entries=entries, unknown=unknown)

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield true: a build notices that an entry is removed, and makes the layer."""
        del cache, entry
        return nullcontext(True)
