"""Takes layers from the store, and puts them there.

A stored layer never makes a build fail: whatever is wrong with it or with the store, the layer is made as if there were
no store.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.store._entries import (
    CONTENTS,
    SEAL,
    draft_in,
    name_of,
    read_entry,
    remove_entry,
    sweep,
    write_entry,
)
from layerwright.build.store._linking import Linking
from layerwright.build.store._place import why_not_usable
from layerwright.cnb.layers.layer_env import Scope
from layerwright.files.atomic import sync_file_system
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.files.removal import remove_tree
from layerwright.files.trees.linking import link_tree
from layerwright.files.trees.placed import Moves, PathsError, find_placed, write_placed
from layerwright.files.trees.seal import altered_since, seal_from
from layerwright.files.trees.size import size_in
from layerwright.files.trees.tree import tree_of
from layerwright.output.words import some_words

if TYPE_CHECKING:
    from layerwright.build._decide import LayerSpec

__all__ = ["LayerStore", "Taken"]


class Taken(NamedTuple):
    """Whether a layer was taken from the store, and the files that had changed in the stored one, as text."""

    linked: bool
    altered: str = ""


class LayerStore:
    """The store at *path*, for builds into the layers directory *root*.

    An entry is found by all inputs of a layer. Its files are the same files as in the layers, by
    reflink or hard link where the file system offers that; the few that contain the path of the layer are written for
    each layer. ``problem`` says why the store is not used, if it is not.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self._path: Final = path
        self._root: Final = root
        self.problem: Final = why_not_usable(path)

    def has(self, spec: LayerSpec) -> bool:
        """Return whether :meth:`take` would probably fill the layer of *spec*."""
        directory = self._path / name_of(spec, self._root)
        try:
            return not self.problem and read_entry(directory) is not None and not self._altered(directory)
        except OSError:
            return False

    def take(self, spec: LayerSpec, layer: Path) -> Taken:
        """Fill the empty directory *layer* with the stored layer of *spec*, or leave it empty."""
        if self.problem:
            return Taken(linked=False)
        directory = self._path / name_of(spec, self._root)
        try:
            altered = self._altered(directory)
            if altered:
                remove_entry(directory)
                return Taken(linked=False, altered=altered)
            if self._fill(directory, layer):
                return Taken(linked=True)
        except (OSError, PathsError):
            # Removed meanwhile, unreadable, or the disk is full: making the layer says more.
            pass
        for path in list(layer.iterdir()):
            remove_tree(path)
        return Taken(linked=False)

    def offer(self, spec: LayerSpec, layer: Path) -> None:
        """Store the complete *layer* of *spec*, in place of an older one."""
        if self.problem:
            return
        draft = draft_in(self._path)
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            sweep(self._path)
            draft.mkdir(mode=0o700)
            self._draft(spec, layer, draft)
            directory = self._path / name_of(spec, self._root)
            remove_entry(directory)
            # If another build has stored it meanwhile, this fails.
            draft.rename(directory)
        except (OSError, PathsError):
            with contextlib.suppress(OSError):
                remove_tree(draft)

    def _draft(self, spec: LayerSpec, layer: Path, draft: Path) -> None:
        contents = draft / CONTENTS
        linking = Linking()
        link_tree(os.fspath(layer), os.fspath(contents), link=linking)
        for scope in Scope:
            # Each build writes these for its own layers.
            if (contents / scope).is_dir():
                remove_tree(contents / scope)
        placed = find_placed(contents, Moves({os.fspath(self._root): os.fspath(self._root)}))
        tree = tree_of(contents)
        write_entry(draft, spec, size=size_in(tree), root=self._root, placed=placed)
        # All files, because another application may have edited any of them through its own layer.
        write_checksummed(draft / SEAL, seal_from(tree, all_files=True))
        if linking.copied:
            # The originals are synced as layers.
            sync_file_system(draft)

    def _altered(self, directory: Path) -> str:
        seal = read_checksummed(directory / SEAL)
        if seal is None:
            return ""
        return some_words(altered_since(directory / CONTENTS, seal))

    def _fill(self, directory: Path, layer: Path) -> bool:
        entry = read_entry(directory)
        if entry is None or read_checksummed(directory / SEAL) is None:
            return False
        contents = directory / CONTENTS
        link_tree(os.fspath(contents), os.fspath(layer), link=Linking())
        write_placed(entry.placed, contents, layer, before=Path(entry.root), now=self._root)
        if read_entry(directory) != entry:
            # It is being removed, so some of it may be missing.
            return False
        with contextlib.suppress(OSError):
            # The time of the last use.
            os.utime(directory)
        return True
