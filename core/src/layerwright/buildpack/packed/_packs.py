"""The cache layer of packs: of each layer one file with its contents, and its ``<layer>.toml``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from layerwright.cnb import toml
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.files.atomic import write_atomically
from layerwright.files.removal import remove_tree
from layerwright.files.trees.compressed import unpack_compressed, write_compressed
from layerwright.files.trees.pack import PackError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from layerwright.cnb.layers.layer import RestoredLayer
    from layerwright.files.trees.unpacked import Unpacked

__all__ = ["PACKED", "TYPES", "Packs"]

PACKED: Final = "packed"
"""The name of the layer."""
TYPES: Final = LayerTypes(cache=True)
"""The types of the layer."""
_SCHEMA: Final = "2"


class Packs:
    """The packs in the layer *restored*, which a damaged cache may not have restored whole."""

    def __init__(self, restored: RestoredLayer) -> None:
        self._path: Final = restored.path
        metadata = restored.metadata or {}
        known = metadata.get("packs") if metadata.get("schema") == _SCHEMA and restored.contents else None
        self._digests: Final[dict[str, str]] = dict(known) if isinstance(known, dict) else {}
        self._documents: Final[dict[str, dict[str, Any] | None]] = {}

    @property
    def names(self) -> frozenset[str]:
        """The names of the layers that there are packs of."""
        return frozenset(self._digests)

    @property
    def metadata(self) -> dict[str, object]:
        """The metadata of the layer of packs."""
        return {"schema": _SCHEMA, "packs": dict(sorted(self._digests.items()))}

    def digest(self, name: str) -> str:
        """Return the digest of the pack of the layer *name*; empty if there is none."""
        return self._digests.get(name, "")

    def metadata_of(self, name: str) -> Mapping[str, object] | None:
        """Return the metadata that the layer *name* had when it was packed; ``None`` if there is no pack."""
        document = self.document_of(name)
        metadata = document and document.get("metadata")
        return metadata if isinstance(metadata, dict) else None

    def document_of(self, name: str) -> dict[str, Any] | None:
        """Return the ``<layer>.toml`` that the layer *name* had when it was packed; ``None`` if there is no pack."""
        if name not in self._documents:
            try:
                found = toml.read(self._toml(name)) if name in self._digests else None
            except (OSError, ValueError):
                found = None
            self._documents[name] = found
        return self._documents[name]

    def unpack(self, name: str, layer: Path) -> Unpacked | None:
        """Create *layer* from the pack of the layer *name*; return its state, ``None`` if that is not possible."""
        if self.metadata_of(name) is None:
            return None
        try:
            return unpack_compressed(self._file(name), layer, self._digests[name])
        except (OSError, PackError, ValueError):
            # Damaged, or the disk is full.
            if os.path.lexists(layer):
                remove_tree(layer)
            self.remove(name)
            return None

    def pack(self, name: str, layer: Path, *, before: Unpacked | None) -> str:
        """Pack *layer*, which is called *name*; return the digest of the pack, empty if that is not possible.

        *before* is the state in which it was unpacked, if it has come from the last pack.
        """
        new, file = self._path / f".{name}.tmp", self._file(name)
        try:
            self._path.mkdir(mode=0o755, exist_ok=True)
            digest = write_compressed(layer, new, before=before)
        except (OSError, PackError):
            # A file that cannot be read, or a full disk: the next build creates the layer.
            new.unlink(missing_ok=True)
            self.remove(name)
        else:
            self.remove(name)
            new.rename(file)
            self._digests[name] = digest
        return self.digest(name)

    def describe(self, name: str, document: Mapping[str, Any]) -> None:
        """Store *document*, the ``<layer>.toml`` of the layer *name*, beside its pack."""
        if self.document_of(name) != document:
            write_atomically(self._toml(name), toml.dumps(document), lasting=False)
            self._documents[name] = dict(document)

    def remove(self, name: str) -> None:
        """Remove the pack of the layer *name*, if there is one."""
        self._digests.pop(name, None)
        self._documents.pop(name, None)
        for file in (self._file(name), self._toml(name)):
            file.unlink(missing_ok=True)

    def keep(self, names: Collection[str]) -> None:
        """Remove the packs of all layers but *names*."""
        for name in self.names.difference(names):
            self.remove(name)

    def _file(self, name: str) -> Path:
        return self._path / f"{name}.pack"

    def _toml(self, name: str) -> Path:
        return self._path / f"{name}.toml"
