"""The layers and images of applications, each application's in a directory of its own."""

from __future__ import annotations

import stat
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from layerwright.build.lock import PRIVATE, idle
from layerwright.local.cache.entries import Entry, Found
from layerwright.local.places import APPS, default_layers
from layerwright.local.use import recorded_application

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.local.cache.entries import Sizes

__all__ = ["Applications"]

_EARLIER: Final = "records and earlier builds"
_LAYERS: Final = "layers"


class Applications:
    """An entry for each application that was built with its layers in the cache; it is gone with its source."""

    name = "application"
    title = "Applications"
    place = APPS
    ages = False

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the applications, by path; directories that no build recorded, or that were moved, are unknown."""
        entries, unknown = [], []
        for place in sorted((cache / self.place).glob("*")):
            known = None if place.is_symlink() else recorded_application(place)
            if known is None or default_layers(known[0], cache).parent != place:
                unknown.append(place)
                continue
            path, used = known
            parts = _parts(place, sizes)
            files = (f for folder in (place, place / _LAYERS) for f in folder.glob("*") if not _is_folder(f))
            entries.append(
                Entry(
                    name=str(path),
                    paths=[place],
                    size=sum(parts.values()) + sum(map(sizes.of, files)),
                    used=used,
                    parts=parts,
                    gone=_is_gone(path),
                )
            )
        return Found(entries=sorted(entries, key=lambda entry: entry.name), unknown=unknown)

    @contextmanager
    def idle(self, cache: Path, entry: Entry) -> Iterator[bool]:
        """Yield whether no build, and no process of ``layerwright run``, uses any layers of *entry*."""
        del cache
        with ExitStack() as locks:
            places = [p for path in entry.paths for p in path.glob("*") if (p / PRIVATE).is_dir()]
            yield all(locks.enter_context(idle(place)) for place in places)


def _parts(place: Path, sizes: Sizes) -> dict[str, int]:
    """Return the sizes of the layers in *place*, and of what else is there."""
    layers = place / _LAYERS
    folders = [path for path in sorted(layers.glob("*")) if _is_folder(path) and path.name != PRIVATE]
    found = {path.name: sizes.of(path) for path in folders}
    images = sum(sizes.of(path) for path in place.glob("*") if path != layers and _is_folder(path))
    # After the layers: most of its files are theirs, under another name.
    more = {"images": images, _EARLIER: sizes.of(layers / PRIVATE)}
    return {**found, **{name: size for name, size in more.items() if size}}


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _is_gone(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
        return not (stat.S_ISDIR(mode) or (stat.S_ISREG(mode) and path.suffix == ".py"))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        # It is there, or on a file system that does not answer.
        return False
