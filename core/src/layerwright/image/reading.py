"""Reads images from wherever their contents are.

Manifests and configurations of Docker have other media types, and the same form.
https://github.com/opencontainers/image-spec/blob/main/image-index.md
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeVar

from layerwright.errors import SiteError
from layerwright.image.blobs import checked_chunks
from layerwright.image.descriptor import DOCKER_INDEX, DOCKER_MANIFEST, INDEX, LAYER, Descriptor
from layerwright.image.image import Image, Layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.image.blobs import Blobs

__all__ = [
    "ENGINE_NAME",
    "INDEXES",
    "REF_NAME",
    "DamagedImageError",
    "NoImageError",
    "is_artifact",
    "named",
    "names_of",
    "read_blob",
    "read_image",
    "select",
]

T = TypeVar("T")
REF_NAME: Final = "org.opencontainers.image.ref.name"
"""The annotation with the name of an image in a layout, often a tag."""
ENGINE_NAME: Final = "io.containerd.image.name"
"""The annotation with the complete name that an engine gives to the image."""
INDEXES: Final = frozenset({INDEX, DOCKER_INDEX})
# The same bytes under other names.
_SUFFIXES: Final = {
    LAYER: "",
    f"{LAYER}+gzip": "+gzip",
    f"{LAYER}+zstd": "+zstd",
    "application/vnd.docker.image.rootfs.diff.tar": "",
    "application/vnd.docker.image.rootfs.diff.tar.gzip": "+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd": "+zstd",
}
_LARGEST: Final = 16 << 20


class NoImageError(ValueError):
    """There is no image, or it cannot be read; the message says why."""


class DamagedImageError(SiteError):
    """A layer of an image has another content than its digest says, or is no archive that can be read."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            "The image is damaged.",
            cause=cause,
            remedy="Get the image again from where it comes from, or build it again.",
            reference="damaged-image",
        )


def read_blob(blobs: Blobs, descriptor: Descriptor) -> bytes:
    """Return a small content; ``ValueError``: it is damaged, or too large for a manifest."""
    if descriptor.size > _LARGEST:
        raise NoImageError(f"{descriptor.digest} is too large: {descriptor.size:,} bytes")
    with blobs.open(descriptor) as content:
        return b"".join(checked_chunks(content, descriptor))


def is_artifact(entry: Mapping[str, Any]) -> bool:
    """Return whether *entry* of an index is something that is attached to an image, and no image."""
    return bool(entry.get("artifactType"))


def select(index: Mapping[str, Any], architecture: str, system: str, name: str = "") -> Descriptor:
    """Return the manifest in *index* for the *architecture* and operating *system*; ``NoImageError``: there is none.

    A single one without a platform is the image of an OCI layout. With a *name*, only those that have it count.
    """
    entries = [
        entry for entry in index.get("manifests") or () if isinstance(entry, dict) and not is_artifact(entry)
    ]
    if name:
        entries = named(name, [(names_of(entry), entry) for entry in entries])
    plain = [entry for entry in entries if not entry.get("platform")]
    if len(entries) == len(plain) == 1:
        return Descriptor.read(plain[0])
    platforms = [entry.get("platform") or {} for entry in entries]
    for entry, platform in zip(entries, platforms, strict=True):
        if (platform.get("architecture"), platform.get("os")) == (architecture, system):
            return Descriptor.read(entry)
    known = sorted({f"{each.get('os')}/{each.get('architecture')}" for each in platforms if each})
    if not known:
        raise NoImageError(f"there are {len(entries)} images, but there must be exactly one")
    raise NoImageError(f"there is no image for {system}/{architecture}, only for {', '.join(known)}")


def names_of(entry: Mapping[str, Any]) -> list[str]:
    """Return the names of an *entry* of the index of a layout: that of a tag first, that of an engine last."""
    annotations = entry.get("annotations") or {}
    return [str(annotations[key]) for key in (REF_NAME, ENGINE_NAME) if key in annotations]


def named(name: str, known: Sequence[tuple[Sequence[str], T]]) -> list[T]:
    """Return those of *known* that have *name* among their names; ``NoImageError``: none has."""
    found = [value for names, value in known if name in names]
    if not found:
        others = ", ".join(sorted(each for names, _ in known for each in names))
        raise NoImageError(f"it has no image with the name {name}" + (f", only {others}" if others else ""))
    return found


def read_image(manifest: bytes, blobs: Blobs) -> Image:
    """Return the image of *manifest*, whose contents are in *blobs*; ``NoImageError``: it is none."""
    try:
        document = json.loads(manifest)
        configuration = json.loads(read_blob(blobs, Descriptor.read(document["config"])))
        diff_ids = configuration["rootfs"]["diff_ids"]
        descriptors = [_layer(Descriptor.read(layer)) for layer in document["layers"]]
        if len(diff_ids) != len(descriptors):
            raise NoImageError(f"it has {len(descriptors)} layers, but {len(diff_ids)} digests of them")
        history = [step for step in configuration.get("history") or () if not step.get("empty_layer")]
        # It is optional.
        history += [{"created_by": ""}] * (len(diff_ids) - len(history))
        return Image(
            layers=tuple(
                Layer(descriptor=descriptor, diff_id=str(diff_id), blobs=blobs, history=step)
                for descriptor, diff_id, step in zip(descriptors, diff_ids, history, strict=False)
            ),
            config=configuration.get("config") or {},
            platform={
                name: configuration[name]
                for name in ("architecture", "os", "variant", "os.version")
                if configuration.get(name)
            },
            created=str(configuration.get("created") or ""),
            annotations=document.get("annotations") or {},
            is_docker=document.get("mediaType") == DOCKER_MANIFEST,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, NoImageError):
            raise
        raise NoImageError(f"its manifest or its configuration is damaged: {error}") from error


def _layer(descriptor: Descriptor) -> Descriptor:
    suffix = _SUFFIXES.get(descriptor.media_type)
    if suffix is None:
        raise NoImageError(f"a layer has a type that is not supported: {descriptor.media_type}")
    return descriptor._replace(media_type=LAYER + suffix)
