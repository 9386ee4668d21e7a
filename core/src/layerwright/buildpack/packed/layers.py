"""The layers directory under a lifecycle, which takes seconds to restore and export tens of thousands of files.

Layers are only for launch, unless a later buildpack needs them. The lifecycle takes an unchanged one from the last
image by its metadata: it neither restores nor exports the files. If a build needs them, they come from one cache layer,
in which each layer is one file.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from typing_extensions import override

from layerwright.build.layers.names import PRIVATE, PYTHON, cache_layer
from layerwright.buildpack.packed._downloads import Downloads
from layerwright.buildpack.packed._outline import outline_of, write_outline
from layerwright.buildpack.packed._packs import PACKED, TYPES, Packs
from layerwright.buildpack.packed._remembered import (
    CONTENTS,
    ENVIRONMENT,
    OUTLINE,
    digest_of,
    has_outline,
    remembered,
)
from layerwright.cnb import toml
from layerwright.cnb.layers.absent import Absent, ContentsNeeded
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes, RestoredLayer
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.files.atomic import write_atomically
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from layerwright.files.trees.unpacked import Unpacked

__all__ = ["PackedLayers"]


class _Outlined(NamedTuple):
    """A layer without contents: the metadata that was restored, and whether it is in the last image."""

    metadata: Mapping[str, object]
    in_image: bool

    @property
    def remembered(self) -> dict[str, Any]:
        return remembered(self.metadata)


class _FromPack(NamedTuple):
    """A layer from its pack: the state of its files, and whether the last image has the same contents."""

    state: Unpacked
    in_image: bool


class _Written(NamedTuple):
    types: LayerTypes
    metadata: Mapping[str, object]
    env: LayerEnv


class PackedLayers(LayersDirectory):
    """The directory ``CNB_LAYERS_DIR`` at *path*; later buildpacks need the layers *needed*.

    The platform may have lost the last image, the cache, or both, and they may be of different builds.
    """

    # Each build has a directory of its own: the lifecycle exports it, or it is lost with its container.
    lasting = False

    def __init__(self, path: Path, *, needed: Collection[str] = ()) -> None:
        super().__init__(path)
        self.needed = frozenset(needed)
        self._packs = Packs(super().restored(PACKED))
        self._is_brought = False
        self._outlined: dict[str, _Outlined] = {}
        self._left_out: set[str] = set()
        self._unpacked: dict[str, _FromPack] = {}
        self._written: dict[str, _Written] = {}
        self._discarded_packs: set[str] = set()
        self._downloads: dict[str, tuple[Downloads, RestoredLayer]] = {}
        for name in sorted(self.needed & self._packs.names):
            self._unpack_with_metadata(name)

    @property
    @override
    def has_absent(self) -> bool:  # type: ignore[override]
        return not self._is_brought and bool(super().names() or self._packs.names)

    @override
    def names(self) -> tuple[str, ...]:
        return tuple(sorted({*super().names(), *self._packs.names}))

    @override
    def restored(self, name: str) -> RestoredLayer:
        found = super().restored(name)
        if found.contents or self._is_brought or name in (*self.needed, *self.to_create) or found.discarded:
            return found
        if has_outline(found.metadata):
            return found._replace(absent=Absent.IN_IMAGE)
        metadata = self._packs.metadata_of(name)
        if found.metadata is not None or found.problem or not has_outline(metadata):
            return found
        return found._replace(metadata=metadata, absent=Absent.IN_CACHE)

    @override
    def outline(self, name: str, env: LayerEnv) -> bool:
        restored = self.restored(name)
        metadata = restored.metadata or {}
        if not restored.absent or metadata[ENVIRONMENT] != digest_of(env):
            return False
        write_outline(self.layer_path(name), remembered(metadata)[OUTLINE], env.files())
        if restored.absent is Absent.IN_CACHE:
            self._write_toml(name, self._packs.document_of(name) or {})
        self._outlined[name] = _Outlined(metadata, restored.absent is Absent.IN_IMAGE)
        return True

    @override
    def leave_out(self, name: str) -> None:
        self._left_out.add(name)

    @override
    def bring(self, *names: str) -> bool:
        if self._is_brought:
            return False
        if names:
            return self._bring(set(names) & self._outlined.keys())
        self._is_brought = True
        brought = self._bring(self._outlined.keys() | self._left_out)
        return self._unpack_others() or brought

    def _bring(self, names: Collection[str]) -> bool:
        """Replace the outlines of the layers *names* by their contents; return whether there were any."""
        lacking = set()
        for name in sorted(names):
            outlined = self._outlined.pop(name, None)
            if outlined is not None:
                remove_tree(self.layer_path(name))
            same = outlined is not None and outlined.remembered[CONTENTS] == self._packs.digest(name)
            if outlined is None or not same or not self._unpack(name, in_image=outlined.in_image):
                lacking.add(name)
        if lacking:
            # What makes other layers needs all of them.
            self._is_brought |= lacking != {PYTHON}
            self._begin_again(lacking)
            raise ContentsNeeded(
                f"The contents of {' and '.join(sorted(lacking))} are needed, and not in the cache."
            )
        return bool(names)

    def _begin_again(self, lacking: Collection[str]) -> None:
        """Undo what the build has found out so far: it needs the contents of the layers *lacking*."""
        for name, outlined in self._outlined.items():
            remove_tree(self.layer_path(name))
            if outlined.in_image:
                self._write_toml(name, {"metadata": outlined.metadata})
            else:
                self._toml(name).unlink()
        self._outlined.clear()
        self._left_out.clear()
        self._written.clear()
        self.to_create = self.to_create.union(lacking)
        if self._is_brought:
            self._unpack_others()

    def _unpack_others(self) -> bool:
        """Unpack all that have no contents; return whether there were any."""
        lacking = [name for name in sorted(self._packs.names) if not self.layer_path(name).exists()]
        return len([name for name in lacking if self._unpack_with_metadata(name)]) > 0

    @override
    def exported(self, name: str, types: LayerTypes) -> LayerTypes:
        if not _is_packed(types):
            return types
        return replace(types, build=types.build and name in self.needed)

    @override
    def discard(self, name: str, *, because: str = "") -> None:
        for known in (self._outlined, self._unpacked, self._written):
            known.pop(name, None)
        super().discard(name, because=because)
        self._discarded_packs.add(name)

    @override
    def invalidate(self, name: str) -> None:
        if name.startswith(cache_layer("")) and name not in self._downloads:
            restored = self.restored(name)
            if restored.contents and restored.metadata is not None:
                self._downloads[name] = Downloads(restored.path, self._private(name)), restored
        super().invalidate(name)

    @override
    def write(self, name: str, *, types: LayerTypes, metadata: Mapping[str, object], env: LayerEnv) -> None:
        if not _is_packed(types):
            super().write(name, types=types, metadata=metadata, env=env)
            return
        self._written[name] = _Written(types, metadata, env)
        # Otherwise a bill of materials would seem to be of another layer.
        if name in self._outlined:
            metadata = {**metadata, **self._outlined[name].remembered}
        elif name in self._unpacked:
            metadata = {**metadata, **remembered(self._packs.metadata_of(name))}
        super().write(name, types=self._exported_types(name, types), metadata=metadata, env=env)

    @override
    def finish(self) -> None:
        self._packs.keep(self._packs.names - (self._discarded_packs - self._written.keys()))
        for name, written in self._written.items():
            self._finish(name, written)
        if not any(w.types.launch and self.layer_path(name).exists() for name, w in self._written.items()):
            self._put_downloads_back()
        if self._packs.names:
            super().write(PACKED, types=TYPES, metadata=self._packs.metadata, env=LayerEnv())

    def _finish(self, name: str, written: _Written) -> None:
        """Write the final ``<layer>.toml``; pack a new layer, and leave out the directory of one that the image has."""
        layer, outlined = self.layer_path(name), self._outlined.get(name)
        unpacked = self._unpacked.get(name)
        is_as_packed = unpacked is not None and unpacked.state.is_unchanged()
        known: Mapping[str, Any]
        if outlined is not None:
            known = outlined.remembered
            remove_tree(layer)
        elif is_as_packed:
            known = remembered(self._packs.metadata_of(name))
        else:
            known = self._pack(name, layer, written.env)
        types = self._exported_types(name, written.types)
        document = {"types": asdict(types), "metadata": {**written.metadata, **known}}
        if is_as_packed and unpacked is not None and unpacked.in_image and types.launch and not types.build:
            # Removing tens of thousands of files takes seconds.
            layer.rename(self._private(name))
        self._write_toml(name, document)
        if known and known[CONTENTS] == self._packs.digest(name):
            self._packs.describe(name, document)

    def _put_downloads_back(self) -> None:
        for name, (downloads, before) in self._downloads.items():
            if self.layer_path(name).exists() and downloads.put_back():
                super().write(
                    name, types=LayerTypes(cache=True), metadata=before.metadata or {}, env=LayerEnv()
                )

    def _private(self, name: str) -> Path:
        """Return a path called *name* in a directory that the platform ignores."""
        import tempfile

        private = self.path / PRIVATE
        private.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(dir=private), name)

    def _pack(self, name: str, layer: Path, env: LayerEnv) -> dict[str, Any]:
        unpacked = self._unpacked.get(name)
        digest = self._packs.pack(name, layer, before=unpacked and unpacked.state)
        if not digest:
            return {}
        outline = outline_of(layer)
        known = {CONTENTS: digest, ENVIRONMENT: digest_of(env)}
        return known if outline is None else {**known, OUTLINE: outline}

    def _exported_types(self, name: str, types: LayerTypes) -> LayerTypes:
        # The lifecycle would cache the files themselves as well.
        return replace(self.exported(name, types), cache=False)

    def _unpack_with_metadata(self, name: str) -> bool:
        """Unpack the layer *name* for a build that decides about it; if the last image has another one, as packed."""
        metadata, document = super().restored(name).metadata, self._packs.document_of(name) or {}
        in_image = (metadata or {}).get(CONTENTS) == self._packs.digest(name)
        if not self._unpack(name, in_image=in_image):
            return False
        if not in_image:
            self.remove_sboms(name)
            self._write_toml(name, document)
        return True

    def _unpack(self, name: str, *, in_image: bool) -> bool:
        layer = self.layer_path(name)
        state = self._packs.unpack(name, layer)
        if state is None:
            return False
        self._unpacked[name] = _FromPack(state, in_image)
        return True

    def _write_toml(self, name: str, document: Mapping[str, Any]) -> None:
        write_atomically(self._toml(name), toml.dumps(document), lasting=self.lasting)


def _is_packed(types: LayerTypes) -> bool:
    # Downloads are only in the cache; their package manager reads them as they are.
    return types.build or types.launch
