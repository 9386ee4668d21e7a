"""A lifecycle with one buildpack, in the process: it keeps an image and a cache, and restores them by the same rules.

https://github.com/buildpacks/lifecycle/blob/v0.21.17/internal/layer/metadata_restorer.go
"""

from __future__ import annotations

import copy
import json
import shutil
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli_w

from layerwright.testing.tree import tree

if TYPE_CHECKING:
    from layerwright.buildpack import Buildpack
    from layerwright.testing.tree import Entry
    from tests.unit.buildpack.test_phases import Phases

__all__ = ["Exported", "Platform"]


class Exported(NamedTuple):
    """A layer of an image: its metadata, and its files; whether they were exported or taken from the last image."""

    metadata: dict[str, Any]
    files: dict[str, Entry]
    new: bool


class Platform:
    """Builds the application of *phases* as often as a test wants, each time in a new layers directory."""

    def __init__(self, phases: Phases) -> None:
        self.phases = phases
        self.image: dict[str, Exported] = {}
        self.cache = phases.root / "cache"
        self.cache.mkdir()

    @property
    def log(self) -> str:
        """The log of the last build."""
        return self.phases.log

    def build(self, buildpack: Buildpack | None = None, **more: Any) -> dict[str, str]:
        """Restore, build and export; return the result for each layer by its name."""
        self._restore()
        built = self.phases.build(buildpack, **more)
        self._export()
        return {c.name: c.decision.action.value for c in built.contributions}

    def lose_image(self) -> None:
        """Let the next build find no image."""
        self.image = {}

    def lose_cache(self) -> None:
        """Let the next build find no cache."""
        shutil.rmtree(self.cache)
        self.cache.mkdir()

    def files(self) -> dict[str, dict[str, Entry]]:
        """Return the files of each layer of the image."""
        return {name: layer.files for name, layer in self.image.items()}

    def labels(self) -> dict[str, dict[str, Any]]:
        """Return the metadata of each layer of the image."""
        return copy.deepcopy({name: layer.metadata for name, layer in self.image.items()})

    def exported(self) -> set[str]:
        """Return the layers of the image that were not taken from the last one."""
        return {name for name, layer in self.image.items() if layer.new}

    def _restore(self) -> None:
        shutil.rmtree(self.phases.layers)
        self.phases.layers.mkdir()
        for name, layer in self.image.items():
            if layer.metadata.get("restored", True):
                self._write(name, {"metadata": layer.metadata["data"]})
        for document in self.cache.glob("*.json"):
            metadata = json.loads(document.read_text())
            self._write(document.stem, {"metadata": metadata})
            if document.with_suffix("").is_dir():
                shutil.copytree(document.with_suffix(""), self.phases.layers / document.stem, symlinks=True)

    def _write(self, name: str, document: dict[str, Any]) -> None:
        (self.phases.layers / f"{name}.toml").write_text(tomli_w.dumps(document))

    def _export(self) -> None:
        before, self.image = self.image, {}
        self.lose_cache()
        for file in sorted(self.phases.layers.glob("*.toml")):
            document, layer = tomllib.loads(file.read_text()), file.with_suffix("")
            types = document.get("types", {})
            if types.get("launch"):
                assert layer.is_dir() or (layer.name in before and not types["cache"]), layer
                # A layer for later buildpacks that is not cached is created by every build.
                restored = not types["build"]
                metadata = {"data": json.loads(json.dumps(document["metadata"])), "restored": restored}
                files = tree(layer) if layer.is_dir() else before[layer.name].files
                self.image[layer.name] = Exported(metadata, files, layer.is_dir())
            if types.get("cache"):
                (self.cache / f"{layer.name}.json").write_text(json.dumps(document["metadata"]))
                shutil.copytree(layer, self.cache / layer.name, symlinks=True)
