"""Finds what is attached to an image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from layerwright.errors import SiteError
from layerwright.image.attached.referrers import referrers
from layerwright.image.base.find import LAYOUT, find_image, is_local
from layerwright.image.descriptor import Descriptor
from layerwright.image.output.layout import attached_in_layout
from layerwright.image.reading import read_blob
from layerwright.image.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.cnb.target import Target
    from layerwright.image.base.image import BaseImage
    from layerwright.image.blobs import Blobs
    from layerwright.image.registry.registries import Registries

__all__ = ["Attachment", "Found", "find_with_attached"]


class Attachment(NamedTuple):
    """A document that is attached to an image: its type, the digest of its artifact, its annotations.

    ``read`` returns its content; ``SiteError``: it cannot be read.
    """

    media_type: str
    digest: str
    annotations: Mapping[str, str]
    read: Callable[[], bytes]

    @classmethod
    def of(cls, entry: Mapping[str, Any], read: Callable[[], bytes]) -> Self:
        """Return the attachment that a list has as *entry*."""
        annotations = entry.get("annotations")
        return cls(
            str(entry.get("artifactType") or ""),
            str(entry.get("digest") or ""),
            annotations if isinstance(annotations, dict) else {},
            read,
        )


class Found(NamedTuple):
    """An image, and what is attached to it, in the order of the list."""

    image: BaseImage
    attached: tuple[Attachment, ...]


def find_with_attached(name: str, target: Target, registries: Registries) -> Found:
    """Return the image *name*, that for *target* if there are several, with what is attached to it.

    ``UserError``: there is no such image. ``SiteError``: the registry cannot be asked.
    """
    image = find_image(name, target, registries)
    if name.startswith(LAYOUT):
        return Found(image, _in_layout(name, Path(name.removeprefix(LAYOUT)), image.manifest))
    return Found(image, () if is_local(name) else _in_registry(name, image, registries))


def _in_layout(name: str, path: Path, digest: str) -> tuple[Attachment, ...]:
    try:
        found = attached_in_layout(path, digest)
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise _damaged(name, error) from error

    def attachment(entry: Mapping[str, Any], manifest: bytes, blobs: Blobs) -> Attachment:
        return Attachment.of(entry, lambda: _content(name, manifest, blobs))

    return tuple(attachment(*each) for each in found)


def _in_registry(name: str, image: BaseImage, registries: Registries) -> tuple[Attachment, ...]:
    reference = Reference.parse(name)
    client = registries.client(reference.registry)

    def attachment(entry: Mapping[str, Any]) -> Attachment:
        def read() -> bytes:
            try:
                digest = Descriptor.read(entry).digest
                manifest, blobs = registries.stored(reference._replace(tag="", digest=digest))
            except ValueError as error:
                raise _damaged(name, error) from error
            return _content(name, manifest, blobs)

        return Attachment.of(entry, read)

    # What is attached to an index is about all of its images.
    digests = dict.fromkeys((image.manifest, image.digest))
    return tuple(
        attachment(entry)
        for digest in digests
        for entry in referrers(client, reference.repository, digest).entries
    )


def _content(name: str, manifest: bytes, blobs: Blobs) -> bytes:
    try:
        [layer] = json.loads(manifest)["layers"]
        return read_blob(blobs, Descriptor.read(layer))
    except (KeyError, OSError, TypeError, ValueError) as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> SiteError:
    return SiteError(
        f"What is attached to {name} cannot be read.",
        cause=f"A document or its manifest is damaged: {error}.",
        remedy="Build the image again, and attach the documents anew.",
        reference="damaged-attachment",
    )
