"""Layers: their types, their metadata that survives a JSON round trip, and the directory that holds them."""

from __future__ import annotations

import os
from dataclasses import asdict, fields
from errno import ENOTDIR
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.cnb import toml
from layerwright.cnb.layers.absent import Absent
from layerwright.cnb.layers.layer_env import Scope, env_files_in, write_env_files
from layerwright.cnb.layers.metadata import check_metadata
from layerwright.files.atomic import sync_directory, write_atomically
from layerwright.files.frozen import frozen
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.layers.layer_env import LayerEnv

__all__ = ["SBOM_MEDIA_TYPES", "LayerTypes", "LayersDirectory", "RestoredLayer"]

SBOM_MEDIA_TYPES: Final = {"cdx": "application/vnd.cyclonedx+json", "spdx": "application/spdx+json"}
"""The media types of the bills of materials, by the formats in the names of their files (Buildpack API,
"Software-Bill-of-Materials")."""

_RESERVED: Final = frozenset({"build", "launch", "store", "sbom"})
_SBOM_FORMATS: Final = (*SBOM_MEDIA_TYPES, "syft")


@frozen
class LayerTypes:
    """Whether later buildpacks, the image and the next build get a layer (Buildpack API, "Layer Types")."""

    build: bool = False
    launch: bool = False
    cache: bool = False

    @property
    def words(self) -> str:
        """The types as text for the log: ``build, launch, cache``."""
        return ", ".join(name for name, holds in asdict(self).items() if holds)


class RestoredLayer(NamedTuple):
    """What the last build left of a layer.

    ``contents``: its directory exists. ``metadata`` is ``None`` without a ``<layer>.toml``, or if that cannot be
    read; then ``problem`` says why. ``altered`` names the files that changed since the last build, as far as the
    platform knows. ``types`` is ``None`` under a lifecycle, which restores metadata alone. ``discarded`` says why
    this build has discarded the layer. ``absent``: without its directory, the layer is in the last image, or only in
    the cache.
    """

    name: str
    path: Path
    contents: bool
    metadata: Mapping[str, object] | None
    problem: str = ""
    altered: tuple[str, ...] = ()
    types: LayerTypes | None = None
    discarded: str = ""
    absent: Absent = Absent.NO


class LayersDirectory:
    """The directory ``CNB_LAYERS_DIR``: the one place that creates, trusts and discards layers.

    ``<layer>.toml`` is the commit point: :meth:`write` writes it last, and everything that changes contents removes
    it first, so that a build that is killed in between leaves nothing that a later one trusts.

    *retire* is called with each file or directory to remove or replace, and must move it out of its place. *preserve*
    is called with the name of each layer before a change in place, and returns the path of a copy, if it made one. A
    platform that can restore the last build keeps these files; without them they are removed. *settle* is called when
    the contents of a layer are complete, and returns once they are synced. *altered* returns the files of a layer
    that changed since the last build.

    On a platform that restores layers without their contents, a subclass overrides what is about absent layers: here
    there are none.
    """

    has_absent: bool = False
    """Whether layers may be absent."""

    needed: frozenset[str] = frozenset()
    """The layers that later buildpacks need."""

    lasting: bool = True
    """Whether it outlives a power cut: what is written is synced."""

    to_create: frozenset[str] = frozenset()
    """The layers without contents that the build needs, and has to create, while others may be absent."""

    def __init__(
        self,
        path: Path,
        *,
        retire: Callable[[Path], object] | None = None,
        preserve: Callable[[str], Path | None] = lambda _name: None,
        settle: Callable[[], None] = lambda: None,
        altered: Callable[[Path], tuple[str, ...]] = lambda _layer: (),
    ) -> None:
        self.path: Final = path
        self._retire: Callable[[Path], object] = retire or remove_tree
        self._preserve = preserve
        self._settle = settle
        self._altered = altered
        self._documents: Final = toml.Documents()
        self._discarded: dict[str, str] = {}

    def names(self) -> tuple[str, ...]:
        """Return the name of every layer that has a directory or a ``<layer>.toml``, sorted."""
        if not self.path.is_dir():
            return ()
        there = os.listdir(self.path)  # noqa: PTH208  # a Path for each takes longer than all the rest
        names = {n.removesuffix(".toml") for n in there if n.endswith(".toml") or (self.path / n).is_dir()}
        return tuple(sorted(filter(_is_layer_name, names)))

    def layer_path(self, name: str) -> Path:
        """Return the path of the contents of layer *name*, existing or not; ``ValueError``: not a layer's name."""
        if not _is_layer_name(name):
            raise ValueError(f"{name!r} cannot be the name of a layer")
        return self.path / name

    def contents_path(self, name: str) -> Path:
        """Return the path of the restored contents of layer *name*, whether they exist or not."""
        return self.layer_path(name)

    def restored(self, name: str) -> RestoredLayer:
        """Return what the last build left of layer *name*, however damaged it is."""
        path = self.contents_path(name)
        metadata, types, problem = None, None, ""
        try:
            document = self._documents.read(self._toml(name))
        except OSError as error:
            problem = f"{name}.toml cannot be read: {error.strerror}"
        except ValueError as error:
            problem = f"{name}.toml is not valid TOML: {error}"
        else:
            if document is not None:
                metadata, types = document.get("metadata", {}), _types(document.get("types"))
            if not isinstance(metadata, dict | None):
                metadata, problem = None, f"the metadata in {name}.toml is not a table"
        # The launcher does not accept a symlink as a layer either.
        contents = path.is_dir() and not path.is_symlink()
        return RestoredLayer(
            name=name,
            path=path,
            contents=contents,
            metadata=metadata,
            problem=problem,
            altered=self._altered(path) if contents else (),
            types=types,
            discarded=self._discarded.get(name, ""),
        )

    def outline(self, name: str, env: LayerEnv) -> bool:  # noqa: ARG002
        """Create the directory of the absent layer *name* with the names of files that an unchanged build looks for.

        It has the environment files of *env*. Return whether that is possible.
        """
        return False

    def leave_out(self, name: str) -> None:
        """Take note that the build does without the layer *name*, unless it needs contents."""

    def bring(self, *names: str) -> bool:  # noqa: ARG002
        """Bring back the contents of *names*, if they are outlined, or of all absent layers; return whether any came.

        ``ContentsNeeded``: not all that were outlined or left out can come. There are no outlines any more.
        """
        return False

    def exported(self, name: str, types: LayerTypes) -> LayerTypes:  # noqa: ARG002
        """Return the types that the layer *name* with *types* gets on this platform."""
        return types

    def finish(self) -> None:
        """Prepare the layers that were written for the platform, at the end of a successful build."""

    def invalidate(self, name: str) -> None:
        """Remove the ``<layer>.toml`` of layer *name* and sync that if it is lasting, before its contents change."""
        if self._leave(self._toml(name)) and self.lasting:
            sync_directory(self.path)

    def prepare_update(self, name: str) -> Path | None:
        """Prepare layer *name* for a change in place: preserve it if the platform can, and invalidate it.

        Return the path of the preserved copy, if there is one: the same files, by hard links.
        """
        preserved = self._preserve(name)
        self.invalidate(name)
        return preserved

    def discard(self, name: str, *, because: str = "") -> None:
        """Remove layer *name* with its SBOM files; *because* is the reason that the log gives for its next creation."""
        if because:
            self._discarded[name] = because
        self.invalidate(name)
        self._leave(self.layer_path(name))
        self.remove_sboms(name)

    def create(self, name: str) -> Path:
        """Return the path of layer *name*, recreated as an empty directory."""
        self.discard(name)
        path = self.layer_path(name)
        path.mkdir(parents=True)
        path.chmod(0o755)
        return path

    def write(self, name: str, *, types: LayerTypes, metadata: Mapping[str, object], env: LayerEnv) -> None:
        """Complete layer *name*: write its environment files, then its ``<layer>.toml``.

        Nothing is written if both already have the same content. If the metadata differs, SBOM files are removed: they
        describe the layer of another build. Environment files and their
        directories are readable by everyone, whatever the umask. ``NotADirectoryError``: the layer has no contents.
        ``TypeError``: metadata other than strings and tables of strings, which JSON would change on the way to the
        next build.
        """
        check_metadata(metadata)
        document: dict[str, Any] = {"types": asdict(types), "metadata": dict(metadata)}
        layer, files = self.layer_path(name), env.files()
        same_env, before = layer.is_dir() and env_files_in(layer) == files, self._document(name) or {}
        # A lifecycle restores the metadata without the types.
        is_same = same_env and before.get("metadata") == document["metadata"]
        if is_same and before == document:
            return
        if not is_same:
            self.remove_sboms(name)
        if not same_env and self._toml(name).exists():
            self._preserve(name)
        self.invalidate(name)
        if not layer.is_dir():
            # The lifecycle would fail to export it, or use the contents from the last image.
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), os.fspath(layer))
        if not same_env:
            layer.chmod(0o755)
            for scope in Scope:
                self._leave(layer / scope)
            write_env_files(layer, files)
        self._settle()
        write_atomically(self._toml(name), toml.dumps(document), lasting=self.lasting)

    def _document(self, name: str) -> dict[str, Any] | None:
        try:
            return self._documents.read(self._toml(name))
        except (OSError, ValueError):
            return None

    def sbom_formats(self, name: str) -> frozenset[str]:
        """Return the formats in which layer *name* has a bill of materials."""
        return frozenset(form for form in _SBOM_FORMATS if os.path.lexists(self.sbom_path(name, form)))

    def remove_sboms(self, name: str, formats: Iterable[str] = _SBOM_FORMATS) -> None:
        """Remove the bills of materials of layer *name* in *formats*."""
        for form in formats:
            self._leave(self.sbom_path(name, form))

    def write_sboms(self, name: str, documents: Mapping[str, bytes]) -> None:
        """Write the bills of materials of layer *name*, by their formats, in place of all others."""
        self.remove_sboms(name)
        for form, content in documents.items():
            write_atomically(self.sbom_path(name, form), content, lasting=self.lasting)

    def sbom_path(self, name: str, form: str) -> Path:
        """Return the path of the bill of materials of layer *name* in the format *form*, existing or not."""
        return self.layer_path(name).with_name(f"{name}.sbom.{form}.json")

    def _toml(self, name: str) -> Path:
        path = self.layer_path(name)
        return path.with_name(f"{name}.toml")

    def _leave(self, path: Path) -> bool:
        there = os.path.lexists(path)
        if there:
            self._retire(path)
        return there


def _is_layer_name(name: str) -> bool:
    # A "." is allowed, but the lifecycle drops the SBOM files of such a layer.
    return bool(name) and name not in _RESERVED and not set("/.") & set(name)


def _types(table: object) -> LayerTypes | None:
    if not isinstance(table, dict):
        return None
    return LayerTypes(**{field.name: table.get(field.name) is True for field in fields(LayerTypes)})
