"""An image: its layers and its configuration, and the contents that a registry or a layout stores of it.

https://github.com/opencontainers/image-spec/blob/main/manifest.md
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from layerwright.image.descriptor import CONFIG, MANIFEST, Descriptor, json_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.image.blobs import Blobs

__all__ = ["Image", "Layer", "Stored"]


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A layer: its stored form, the digest of its uncompressed archive, its history, and where its content is."""

    descriptor: Descriptor
    diff_id: str
    blobs: Blobs
    history: Mapping[str, Any] = field(default_factory=dict)


class Stored(Protocol):
    """What a registry stores as a manifest with a configuration and layers: an image, or what is attached to one."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, from the lowest up."""
        ...

    @property
    def configuration(self) -> bytes:
        """The content of the configuration."""
        ...

    @property
    def manifest(self) -> bytes:
        """The content of the manifest."""
        ...

    @property
    def digest(self) -> str:
        """The digest of the manifest."""
        ...


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image from its lowest layer up.

    ``config`` is the table ``config`` of its configuration (environment, entry point, labels…), ``platform`` what it
    runs on: ``architecture``, ``os``, perhaps ``variant``. ``is_docker``: it was read from a manifest of Docker's own
    format, and not from one of OCI.
    """

    layers: tuple[Layer, ...]
    config: Mapping[str, Any]
    platform: Mapping[str, str]
    created: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    is_docker: bool = False

    @property
    def configuration(self) -> bytes:
        """The content of the configuration."""
        return json_bytes(
            {
                **self.platform,
                "config": self.config,
                "created": self.created,
                "history": [layer.history for layer in self.layers],
                "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in self.layers]},
            }
        )

    @property
    def manifest(self) -> bytes:
        """The content of the manifest, whose digest is that of the image."""
        annotations = {"annotations": self.annotations} if self.annotations else {}
        return json_bytes(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": Descriptor.of(CONFIG, self.configuration).document,
                "layers": [layer.descriptor.document for layer in self.layers],
                **annotations,
            }
        )

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor of the manifest."""
        return Descriptor.of(MANIFEST, self.manifest)

    @property
    def digest(self) -> str:
        """The digest of the image."""
        return self.descriptor.digest
