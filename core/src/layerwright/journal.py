"""Keeps the last complete build until the next one is complete, on a file system that has no images.

Under a container platform a failed build leaves the old image. Here the same layers directory is built into
again, so that what leaves it is moved aside first, by renaming, and comes back when the build does not succeed: at
once after an error, and at the next start after a kill.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from layerwright.cnb.layer import LayersDirectory, remove_tree
from layerwright.cnb.toml import sync_directory
from layerwright.layers.names import ours
from layerwright.lock import PRIVATE
from layerwright.seals import Seals
from layerwright.snapshots import Snapshots, link_tree

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["Journal"]

_NAMES: Final = "names"
_CACHE_PREFIX: Final = "cache-"


class Journal:
    """The journal of the layers directory at *path*.

    It is open exactly while ``.layerwright/aside`` exists. Only one process may use it at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._private: Final = path / PRIVATE
        self._aside: Final = self._private / "aside"
        self._trash: Final = self._private / "trash"
        self._seals: Final = Seals(self._private / "seals")
        self._snapshots: Final = Snapshots(self._private / "snapshots")
        self._preserved: Final[set[str]] = set()

    @property
    def layers(self) -> LayersDirectory:
        """The layers directory, as a build must use it for the journal to know of each change."""
        return LayersDirectory(
            self._path,
            retire=self._retire,
            preserve=self._preserve,
            settle=os.sync,
            altered=self._seals.altered,
        )

    @property
    def is_open(self) -> bool:
        """Whether a build has begun and neither succeeded nor been rolled back."""
        return self._aside.is_dir()

    def begin(self) -> None:
        """Open the journal, if there is a complete build to come back to."""
        _clear(self._trash)
        self._preserved.clear()
        if not (self._path / "launch.toml").exists():
            return
        draft = self._private / "aside.new"
        _clear(draft)
        draft.mkdir(parents=True)
        # Of a layer that somebody has taken away, the record is nothing to come back to.
        names = [name for name in self._names() if (self._path / name).is_dir()]
        for file in (self._path / "launch.toml", *(self._path / f"{name}.toml" for name in names)):
            if file.exists():
                (draft / file.name).write_bytes(file.read_bytes())
        (draft / _NAMES).write_text("\n".join(names))
        draft.rename(self._aside)
        sync_directory(self._private)
        self._seals.begin(self._path / name for name in names)

    def commit(self, *, changed: Collection[str] = ()) -> None:
        """Close the journal: from now on the new build is the one that counts.

        Of each layer is remembered how it is now, unless that is remembered and it is none of those that *changed*.
        """
        kept = (name for name in self._names() if not name.startswith(_CACHE_PREFIX))
        due = [name for name in kept if name in changed or not self._seals.is_sealed(name)]
        seal = self._seals.seal([self._path / name for name in due])
        for name in set(changed) - self._preserved:
            self._snapshots.forget(name)
        if self.is_open:
            self._aside.rename(self._trash)
            sync_directory(self._private)
            for name in sorted(self._preserved):
                self._snapshots.keep(self._trash / name, self._path / name)
            remove_tree(self._trash)
        # The last of all: where it is killed before, the next build remembers what it then finds.
        seal()

    def roll_back(self) -> bool:
        """Bring back the last complete build; return whether there was anything to do.

        It needs no space on the disk, and can be killed and called again. Download caches stay as they are.
        """
        self._seals.finish()
        if not self.is_open:
            return False
        before = (self._aside / _NAMES).read_text().split("\n")
        layers = LayersDirectory(self._path)
        for name in self._names():
            if name not in before and not name.startswith(_CACHE_PREFIX):
                layers.discard(name)
        for entry in sorted(self._aside.iterdir()):
            if entry.name != _NAMES and not entry.name.startswith("."):
                _clear(self._path / entry.name)
                entry.rename(self._path / entry.name)
        remove_tree(self._aside)
        sync_directory(self._path)
        return True

    def _names(self) -> tuple[str, ...]:
        """Return the names of our layers: the directory may hold more, which is none of our business."""
        return ours(LayersDirectory(self._path).names())

    def _retire(self, path: Path) -> None:
        if path.parent == self._path:
            self._seals.forget(path.stem)
            if path.is_dir():
                self._forget_snapshot(path.name)
        aside = self._aside / path.name
        # Parts of a layer are made again with it; only whole layers and their records come back.
        whole = path.parent == self._path and not path.name.startswith(_CACHE_PREFIX)
        if whole and self.is_open and not os.path.lexists(aside):
            path.rename(aside)
        else:
            remove_tree(path)

    def _preserve(self, name: str) -> Path | None:
        """Keep what the layer *name* holds, by hard links: package managers replace files and write into none."""
        aside = self._aside / name
        if os.path.lexists(aside):
            return aside
        if not (self._aside / f"{name}.toml").exists():
            self._forget_snapshot(name)
            return None
        draft = self._aside / f".{name}"
        _clear(draft)
        # Of a layer without a seal nobody knows whether it is as it was.
        if not (self._seals.is_sealed(name) and self._snapshots.take(name, draft)):
            link_tree(os.fspath(self._path / name), os.fspath(draft))
        draft.rename(aside)
        self._preserved.add(name)
        return aside

    def _forget_snapshot(self, name: str) -> None:
        self._preserved.discard(name)
        self._snapshots.forget(name)


def _clear(path: Path) -> None:
    if os.path.lexists(path):
        remove_tree(path)
