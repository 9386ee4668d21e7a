"""Finds what is attached to an image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from layerwright.errors import SiteError
from layerwright.image.attached.artifact import (
    BUNDLE_PREDICATE_TYPE,
    CYCLONEDX,
    EMPTY,
    IN_TOTO,
    PREDICATE_TYPE,
    SIGSTORE_BUNDLE,
    SPDX,
    TITLE,
    Document,
)
from layerwright.image.attached.referrers import referrers
from layerwright.image.base.find import find_image
from layerwright.image.descriptor import Descriptor
from layerwright.image.output.layout import attached_in_layout
from layerwright.image.places import parse_place
from layerwright.image.reading import read_blob
from layerwright.image.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from layerwright.cnb.target import Target
    from layerwright.image.base.image import BaseImage
    from layerwright.image.blobs import Blobs
    from layerwright.image.registry.registries import Registries

__all__ = ["Attachment", "Found", "find_with_attached"]

_KINDS: Final = {
    CYCLONEDX: "bill of materials (CycloneDX)",
    SPDX: "bill of materials (SPDX)",
    IN_TOTO: "statement",
    SIGSTORE_BUNDLE: "signed statement",
}

# What registries list that take the type of the configuration for that of the artifact.
_UNTELLING: Final = (None, "", EMPTY.media_type)


class Attachment(NamedTuple):
    """A document that is attached to an image: its type, the digest of its artifact, its annotations.

    ``read`` returns the document; ``SiteError``: it cannot be read.
    """

    media_type: str
    digest: str
    annotations: Mapping[str, str]
    read: Callable[[], Document]

    @classmethod
    def of(cls, entry: Mapping[str, Any], read: Callable[[], Document]) -> Self:
        """Return the attachment that a list has as *entry*."""
        return cls(
            str(entry.get("artifactType") or ""), str(entry.get("digest") or ""), _annotations(entry), read
        )

    @property
    def words(self) -> str:
        """What it is, for people."""
        said = self.annotations.get(PREDICATE_TYPE) or self.annotations.get(BUNDLE_PREDICATE_TYPE) or ""
        kind = _KINDS.get(self.media_type, self.media_type or "a document of unknown type")
        return f"{kind}: {said}" if said else kind


class Found(NamedTuple):
    """An image, and what is attached to it, in the order of the list."""

    image: BaseImage
    attached: tuple[Attachment, ...]


def find_with_attached(name: str, target: Target, registries: Registries) -> Found:
    """Return the image *name*, that for *target* if there are several, with what is attached to it.

    ``UserError``: there is no such image. ``SiteError``: the registry cannot be asked.
    """
    image = find_image(name, target, registries)
    place = parse_place(name)
    if place is None:
        return Found(image, _in_registry(name, image, registries))
    return Found(image, _in_layout(name, place.path, image.manifest) if place.is_layout else ())


def _in_layout(name: str, path: Path, digest: str) -> tuple[Attachment, ...]:
    try:
        found = attached_in_layout(path, digest)
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise _damaged(name, error) from error

    def attachment(entry: Mapping[str, Any], manifest: bytes, blobs: Blobs) -> Attachment:
        return Attachment.of(entry, lambda: _document(name, entry, manifest, blobs))

    return tuple(attachment(*each) for each in found)


def _in_registry(name: str, image: BaseImage, registries: Registries) -> tuple[Attachment, ...]:
    reference = Reference.parse(name)
    client = registries.client(reference.registry)

    def attachment(entry: Mapping[str, Any]) -> Attachment:
        def read() -> Document:
            try:
                digest = Descriptor.read(entry).digest
                manifest, blobs = registries.stored(reference._replace(tag="", digest=digest))
            except ValueError as error:
                raise _damaged(name, error) from error
            return _document(name, entry, manifest, blobs)

        return Attachment.of(entry, read)

    # What is attached to an index is about all of its images.
    digests = dict.fromkeys((image.manifest, image.digest))
    return tuple(
        attachment(_typed(entry, reference, registries))
        for digest in digests
        for entry in referrers(client, reference.repository, digest).entries
    )


def _typed(entry: Mapping[str, Any], reference: Reference, registries: Registries) -> Mapping[str, Any]:
    """Return *entry* with the type of its artifact, which some registries do not list."""
    if entry.get("artifactType") not in _UNTELLING:
        return entry
    try:
        digest = Descriptor.read(entry).digest
        manifest: Any = json.loads(registries.stored(reference._replace(tag="", digest=digest))[0])
        told = {key: manifest[key] for key in ("artifactType", "annotations") if manifest.get(key)}
    except (AttributeError, ValueError):
        return entry
    return {**entry, **told}


def _document(name: str, entry: Mapping[str, Any], manifest: bytes, blobs: Blobs) -> Document:
    try:
        [layer] = json.loads(manifest)["layers"]
        return Document(
            media_type=str(entry.get("artifactType") or ""),
            content=read_blob(blobs, Descriptor.read(layer)),
            title=str((layer.get("annotations") or {}).get(TITLE) or ""),
            annotations=_annotations(entry),
        )
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise _damaged(name, error) from error


def _annotations(entry: Mapping[str, Any]) -> dict[str, str]:
    found = entry.get("annotations")
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _damaged(name: str, error: Exception) -> SiteError:
    return SiteError(
        f"What is attached to {name} cannot be read.",
        cause=f"A document or its manifest is damaged: {error}.",
        remedy="Build the image again, and attach the documents again.",
        reference="damaged-attachment",
    )
