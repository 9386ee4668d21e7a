"""Keeps the last complete build until the next one is complete, on a file system without images.

Under a container platform a failed build leaves the old image. Here the same layers directory is built into again, so
everything that a build removes is first moved aside, by renaming, and restored if the build does not succeed: at once
after an error, and at the next start after a kill.

The undo log is the directory ``.layerwright/aside``: the files that were moved aside, and ``names``, which lists the
layers before. It is synced before one rename to this name opens the journal; one rename away closes it. So at any
moment the log is complete or absent, and rolling back can start again while it exists.
"""

from __future__ import annotations

import errno
import os
import time
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from layerwright.build.layers.names import ours
from layerwright.build.lock import PRIVATE
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.files.atomic import sync_directory, sync_file_system, write_atomically
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.local._seals import Seals
from layerwright.local._trash import Trash
from layerwright.local.manifests import Manifests
from layerwright.local.snapshots import Snapshots, look_again

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from layerwright.cnb.layers.view import Places
    from layerwright.files.trees.tree import Tree
    from layerwright.local.manifests import Verified

__all__ = ["Journal"]

_HEAD: Final = b"layerwright undo log 2"
_NAMES: Final = "names"
_LAUNCH: Final = "launch.toml"
_CACHE_PREFIX: Final = "cache-"


class Journal:
    """The journal of the layers directory at *path*.

    It is open exactly while ``.layerwright/aside`` exists. Only one process may use it at a time.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._private: Final = path / PRIVATE
        self._aside: Final = self._private / "aside"
        self._trash: Final = Trash(self._private / "trash")
        self._seals: Final = Seals(self._private / "seals")
        self._manifests: Final = Manifests(self._private / "manifests")
        self._snapshots: Final = Snapshots(self._private / "snapshots", self._trash.remove)
        self._before: Mapping[str, bool] = {}
        self._preserved: Final[set[str]] = set()
        self._began = time.time_ns()

    @property
    def layers(self) -> LayersDirectory:
        """The layers directory for a build; the journal records each change that is made through it."""
        return LayersDirectory(
            self._path,
            retire=self._retire,
            preserve=self._preserve,
            settle=lambda: sync_file_system(self._path),
            altered=self._seals.altered,
        )

    @property
    def recovered(self) -> LayersDirectory:
        """The read-only layers directory as the next build will find it: changes of an interrupted build are undone."""
        before = _decoded(read_checksummed(self._aside / _NAMES)) if self.is_open else None
        if before is None:
            return self.layers
        from layerwright.cnb.layers.view import LayersView

        places = {
            name: self._places(name, before) for name in {*LayersDirectory(self._path).names(), *before}
        }
        return LayersView(self._path, places, altered=self._seals.altered)

    def _places(self, name: str, before: Mapping[str, bool]) -> Places:
        """Return the paths from which :meth:`roll_back` would restore the layer *name*."""
        from layerwright.cnb.layers.view import Places

        place, aside = (Places(path / name, path / f"{name}.toml") for path in (self._path, self._aside))
        if name not in before:
            # Layers of the interrupted build are not in the log, and are removed; entries that are not ours stay.
            return aside if name in self._names() else place
        return Places(
            aside.contents if os.path.lexists(aside.contents) else place.contents,
            aside.record if os.path.lexists(aside.record) or not before[name] else place.record,
        )

    @property
    def is_open(self) -> bool:
        """Whether a build has begun and neither succeeded nor been rolled back."""
        return os.path.lexists(self._aside)

    def begin(self) -> None:
        """Open the journal, if there is a complete build to restore."""
        self._trash.empty()
        self._seals.begin(())
        self._preserved.clear()
        self._began = time.time_ns()
        for name in self._half_written():
            (self._path / name).unlink(missing_ok=True)
        if not (self._path / _LAUNCH).exists():
            return
        draft = self._private / "aside.new"
        self._trash.remove(draft)
        draft.mkdir(parents=True)
        try:
            # It is synced, and is replaced rather than written into.
            os.link(self._path / _LAUNCH, draft / _LAUNCH)
        except OSError:
            write_atomically(draft / _LAUNCH, (self._path / _LAUNCH).read_bytes())
        # A ``<layer>.toml`` whose layer was removed is not restored.
        names = [name for name in self._names() if (self._path / name).is_dir()]
        before = {name: (self._path / f"{name}.toml").exists() for name in names}
        write_checksummed(draft / _NAMES, _encoded(before))
        draft.rename(self._aside)
        sync_directory(self._private)
        self._before = before
        self._seals.begin(self._path / name for name in names)

    def commit(
        self, *, changed: Collection[str] = (), trees: Mapping[str, Tree] = MappingProxyType({})
    ) -> None:
        """Close the journal: from now on the new build is the last complete one.

        The state of each layer is recorded, unless it is recorded already and the layer is not among *changed*. *trees*
        are what was in layers before their environment files were written.
        """
        due = [name for name in self._names() if name in changed or not self._seals.is_sealed(name)]
        # One walk for all that looks at every file.
        tree = cache(lambda place: look_again(place, trees.get(place.name)))
        seal = self._seals.seal([tree(self._path / name) for name in due])
        record = self._record(due, tree)
        for name in set(changed) - self._preserved:
            self._snapshots.forget(name)
        if self.is_open:
            old = self._close()
            for name in sorted(self._preserved):
                self._snapshots.keep(old / name, self._path / name, tree)
        self._trash.empty()
        # Last: if it is killed before, the next build records what it finds.
        seal()
        record()

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of the contents of the layer *name* of the last complete build, if it was recorded."""
        return self._manifests.digest(name)

    def verify(self) -> tuple[Verified, ...]:
        """Read every layer except download caches, and launch.toml; return the differences to what was recorded."""
        names = {*self._names(), *self._manifests.names(), _LAUNCH}
        return tuple(self._manifests.verify(self._path / name) for name in sorted(names))

    def _record(self, due: Collection[str], tree: Callable[[Path], Tree]) -> Callable[[], None]:
        """Begin to read the layers that have no manifest or are *due*; return a function that waits and records it.

        *tree* returns what is at a path.
        """
        names, there, launch = self._names(), self._manifests.names(), self._path / _LAUNCH
        for name in there.difference(names, {_LAUNCH}):
            self._manifests.forget(name)
        targets = [self._path / name for name in names if name in due or name not in there]
        if launch.exists() and not self._manifests.is_as_recorded(launch):
            targets.append(launch)
        return self._manifests.begin(list(map(tree, targets)), since=self._began)

    def roll_back(self) -> bool:
        """Restore the last complete build; return whether there was anything to do.

        It needs no disk space, and can be killed and called again. A log that is not complete is dropped: no build of
        ours has begun with it. Download caches stay as they are.
        """
        self._seals.finish()
        if not self.is_open:
            return False
        before = _decoded(read_checksummed(self._aside / _NAMES))
        if before is not None:
            self._bring_back(before)
        self._close()
        self._trash.empty()
        return before is not None

    def _bring_back(self, before: Mapping[str, bool]) -> None:
        for name in self._names():
            if name not in before:
                LayersDirectory(self._path, retire=self._trash.put).discard(name)
                continue
            if not before[name]:
                self._trash.remove(self._path / f"{name}.toml")
            if (self._aside / f"{name}.toml").exists():
                # They describe the layer of the interrupted build, and that of the last one may have had none.
                LayersDirectory(self._path, retire=self._trash.put).remove_sboms(name)
        entries = [path for path in self._aside.iterdir() if path.name != _NAMES and path.name[0] != "."]
        # Contents before their ``<layer>.toml``.
        for entry in sorted(entries, key=lambda path: (path.suffix, path.name)):
            if os.path.lexists(self._path / entry.name):
                self._trash.put(self._path / entry.name)
            entry.rename(self._path / entry.name)
        sync_directory(self._path)

    def _close(self) -> Path:
        """Rename the undo log away; return its new path."""
        self._before = {}
        place = self._trash.put(self._aside)
        if place.is_dir() and any(path.name not in (_NAMES, _LAUNCH) for path in place.iterdir()):
            # Before any of it is deleted. Rolling back again with an empty log changes nothing.
            sync_directory(self._private)
        return place

    def _names(self) -> tuple[str, ...]:
        """Return the names of our layers except download caches: the directory may have entries that are not ours."""
        names = ours(LayersDirectory(self._path).names())
        return tuple(name for name in names if not name.startswith(_CACHE_PREFIX))

    def _half_written(self) -> list[str]:
        """Return temporary files that a killed build may have left while it wrote ``<layer>.toml`` files."""
        # The directory does not exist before the first build.
        entries = os.listdir(self._path) if self._path.exists() else ()  # noqa: PTH208  # names alone
        names = [name for name in entries if name.endswith(".toml.tmp")]
        found = {name[1:].partition(".")[0]: name for name in names}
        return [found[layer] for layer in ("launch", *ours(found)) if layer in found]

    def _retire(self, path: Path) -> None:
        # Parts of a layer are recreated with it; only whole layers and their ``<layer>.toml`` are restored.
        layer = path.name.partition(".")[0] if path.parent == self._path else ""
        if layer:
            self._seals.forget(layer)
            if path.is_dir():
                self._forget_snapshot(layer)
        aside = self._aside / path.name
        if layer not in self._before or os.path.lexists(aside):
            self._trash.remove(path)
            return
        try:
            path.rename(aside)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # On overlayfs, a directory of an image's lower layer cannot be renamed.
            self._link(path, aside)
            self._trash.put(path)

    def _preserve(self, name: str) -> Path | None:
        """Preserve the layer *name* by hard links: package managers replace files and do not write into them."""
        aside = self._aside / name
        if os.path.lexists(aside):
            return aside
        if not self._before.get(name):
            self._forget_snapshot(name)
            return None
        # Without a seal, it is unknown whether the layer has changed.
        if not (self._seals.is_sealed(name) and self._snapshots.take(name, aside)):
            self._link(self._path / name, aside)
        self._preserved.add(name)
        return aside

    def _link(self, layer: Path, aside: Path) -> None:
        """Link the files of *layer* to *aside*, which appears when it is complete and synced."""
        from layerwright.files.trees.linking import link_or_copy, link_tree

        draft, copied = aside.with_name(f".{aside.name}"), []

        def link(source: str, destination: str) -> None:
            if not link_or_copy(source, destination):
                copied.append(destination)

        link_tree(os.fspath(layer), os.fspath(draft), link=link)
        if copied:
            sync_file_system(self._path)
        draft.rename(aside)

    def _forget_snapshot(self, name: str) -> None:
        self._preserved.discard(name)
        self._snapshots.forget(name)


def _encoded(before: Mapping[str, bool]) -> bytes:
    """Return the content of ``names``: the layers of the complete build, and whether each has a ``<layer>.toml``."""
    fields = (os.fsencode(f"{'+' if complete else '-'}{name}") for name, complete in before.items())
    return b"\0".join((_HEAD, *fields))


def _decoded(content: bytes | None) -> dict[str, bool] | None:
    head, *fields = (content or b"").split(b"\0")
    if head != _HEAD:
        return None
    return {name[1:]: name[0] == "+" for name in map(os.fsdecode, fields)}
