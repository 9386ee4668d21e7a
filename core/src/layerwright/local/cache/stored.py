"""What was made for one application and is linked into others: layers, bytecode, and downloads."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from typing import TYPE_CHECKING, Final

from layerwright.build.store.downloads import unused
from layerwright.build.store.listing import StoredBytecode as Stored
from layerwright.build.store.listing import stored_bytecode, stored_downloads, stored_layers
from layerwright.local.cache.entries import Entry, Found

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.local.cache.entries import Sizes

__all__ = ["StoredBytecode", "StoredDownloads", "StoredLayers"]

_DAY: Final = 24 * 60 * 60


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


class StoredBytecode:
    """An entry for the bytecode of all distributions for one version of Python that was last used on the same day.

    A large application has a hundred distributions, and uses all of them at once. Files that applications have as well
    are counted there.
    """

    name = "stored-bytecode"
    title = "Stored bytecode"
    place = "store/bytecode"
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the stored bytecode; what builds do not recognise is unknown."""
        stored, unknown = stored_bytecode((cache / self.place).parent)
        entries = []
        for (python, _day), group in groupby(sorted(stored, key=_together), key=_together):
            found = list(group)
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            entries.append(
                Entry(
                    name=f"{found[0].label}{more}, for Python {python}",
                    paths=[one.path for one in found],
                    size=sum(sizes.of(one.path) for one in found),
                    used=max(one.used for one in found),
                )
            )
        return Found(entries=entries, unknown=unknown)

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield true: a build notices that an entry is removed, and compiles the distribution."""
        del cache, entry
        return nullcontext(True)


class StoredDownloads:
    """An entry for each package manager whose downloads all builds share.

    Files that applications have as well are counted there.
    """

    name = "stored-downloads"
    title = "Stored downloads"
    place = "store/downloads"
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the download caches; what builds do not recognise is unknown."""
        stored, unknown = stored_downloads((cache / self.place).parent)
        entries = [
            Entry(name=f"downloads of {label}", paths=[path], size=sizes.of(path), used=used)
            for label, path, used in stored
        ]
        return Found(entries=entries, unknown=unknown)

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield whether no build uses the cache; if so, none begins to meanwhile."""
        del cache
        [path] = entry.paths
        return unused(path)


def _together(one: Stored) -> tuple[str, int]:
    return one.python, int(one.used // _DAY)
