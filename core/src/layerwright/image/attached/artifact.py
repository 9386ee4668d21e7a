"""Artifacts: documents in a registry or a layout that name an image as their subject.

https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from layerwright.image.blobs import Bytes
from layerwright.image.descriptor import MANIFEST, Descriptor, digest_of, json_bytes
from layerwright.image.image import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "BUNDLE_PREDICATE_TYPE",
    "CYCLONEDX",
    "EMPTY",
    "IN_TOTO",
    "PREDICATE_TYPE",
    "SIGSTORE_BUNDLE",
    "SPDX",
    "TITLE",
    "Artifact",
    "Document",
]

CYCLONEDX: Final = "application/vnd.cyclonedx+json"
SPDX: Final = "application/spdx+json"
IN_TOTO: Final = "application/vnd.in-toto+json"
SIGSTORE_BUNDLE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"
PREDICATE_TYPE: Final = "in-toto.io/predicate-type"
"""The annotation with the predicate type of a statement, as BuildKit has it."""
BUNDLE_PREDICATE_TYPE: Final = "dev.sigstore.bundle.predicateType"
"""That of a signed statement, as cosign has it."""
TITLE: Final = "org.opencontainers.image.title"
_NOTHING: Final = b"{}"
EMPTY: Final = Descriptor.of("application/vnd.oci.empty.v1+json", _NOTHING)
"""The configuration of an artifact that needs none."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document about an image: its media type, its content, and the name of a file for it."""

    media_type: str
    content: bytes
    title: str
    annotations: Mapping[str, str] = field(default_factory=dict)
    """What a list of attached documents says of it, so that they need not be read."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A *document* that is attached to the image with the descriptor *subject*."""

    document: Document
    subject: Descriptor

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The document, as the single layer."""
        content = self.document.content
        descriptor = Descriptor.of(self.document.media_type, content)
        return (Layer(descriptor=descriptor, diff_id=digest_of(content), blobs=Bytes(content)),)

    @property
    def configuration(self) -> bytes:
        """The content of the configuration."""
        return _NOTHING

    @property
    def manifest(self) -> bytes:
        """The content of the manifest."""
        [layer] = self.layers
        return json_bytes(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "artifactType": self.document.media_type,
                "config": EMPTY.document,
                "layers": [{**layer.descriptor.document, "annotations": {TITLE: self.document.title}}],
                "subject": self.subject.document,
                **self._annotations,
            }
        )

    @property
    def descriptor(self) -> Descriptor:
        """The descriptor of the manifest."""
        return Descriptor.of(MANIFEST, self.manifest)

    @property
    def digest(self) -> str:
        """The digest of the manifest."""
        return self.descriptor.digest

    @property
    def entry(self) -> dict[str, Any]:
        """What a list of artifacts has of this one.

        https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
        """
        return {
            **self.descriptor.document,
            "artifactType": self.document.media_type,
            **self._annotations,
        }

    @property
    def _annotations(self) -> dict[str, Any]:
        return {"annotations": dict(self.document.annotations)} if self.document.annotations else {}
