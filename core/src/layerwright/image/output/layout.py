"""Images in a directory with OCI layout.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from layerwright.files.atomic import write_atomically
from layerwright.image.blobs import BlobDirectory
from layerwright.image.descriptor import Descriptor, digest_of, json_bytes
from layerwright.image.output.place import check_writable, output_error
from layerwright.image.reading import (
    INDEXES,
    REF_NAME,
    NoImageError,
    is_artifact,
    read_blob,
    read_image,
    select,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright.image.attached.artifact import Artifact
    from layerwright.image.image import Image

__all__ = ["attached_in_layout", "check_layout", "read_layout", "write_layout"]

_INDEX: Final = "index.json"
_MARK: Final = "oci-layout"
_BLOBS: Final = "blobs"
_LAYOUT: Final = "Name an empty directory, one with a single image, or one that does not exist."
# What a killed write leaves is replaced as well.
_OWN: Final = frozenset({_BLOBS, _INDEX, _MARK, f".{_INDEX}.tmp", f".{_MARK}.tmp"})


def check_layout(path: Path) -> None:
    """Raise ``UserError`` if an image cannot be written into *path*: something else is there, or nothing may be."""
    if path.is_dir():
        strange = sorted({entry.name for entry in path.iterdir()} - _OWN)
        if strange:
            raise output_error(
                path, f"It contains {strange[0]}, which is not part of an OCI layout.", _LAYOUT
            )
        if _images(path) > 1:
            raise output_error(path, "It has several images, which would be removed.", _LAYOUT)
    elif path.exists():
        raise output_error(path, "It is a file.", _LAYOUT)
    check_writable(path, path)


def write_layout(image: Image, path: Path, artifacts: Sequence[Artifact] = (), *, name: str = "") -> None:
    """Write *image*, with its *name* or as ``latest``, into the directory *path*, in place of the image there.

    *artifacts* are attached to it there.

    The index is written last, so *path* has the old image or the new one, whatever happens to this process.
    ``UserError``: see :func:`check_layout`.
    """
    check_layout(path)
    blobs = BlobDirectory(path / _BLOBS)
    for layer in image.layers:
        blobs.copy(layer.descriptor, layer.blobs)
    needed = {layer.descriptor.digest for layer in image.layers}
    for content in (image.configuration, image.manifest, *_contents(artifacts)):
        digest = digest_of(content)
        needed.add(digest)
        blobs.put(content, digest)
    entries = [_entry(image, name), *(artifact.entry for artifact in artifacts)]
    write_atomically(path / _MARK, json_bytes({"imageLayoutVersion": "1.0.0"}))
    write_atomically(path / _INDEX, json_bytes({"schemaVersion": 2, "manifests": entries}))
    for file in (blobs.path / "sha256").iterdir():
        if f"sha256:{file.name}" not in needed:
            file.unlink()


def read_layout(path: Path, architecture: str, system: str, name: str = "") -> tuple[Image, str]:
    """Return the image in the directory *path*, with its digest; of several, that of a *name*, and for a platform.

    ``NoImageError``: there is none.
    """
    blobs = BlobDirectory(path / _BLOBS)
    try:
        index: Any = json.loads((path / _INDEX).read_bytes())
        descriptor = select(index, architecture, system, name)
        while descriptor.media_type in INDEXES:
            descriptor = select(json.loads(read_blob(blobs, descriptor)), architecture, system)
        return read_image(read_blob(blobs, descriptor), blobs), descriptor.digest
    except OSError as error:
        raise NoImageError(f"it is not a directory in OCI layout: {error.strerror or error}") from error
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, NoImageError):
            raise
        raise NoImageError(f"it is not a directory in OCI layout: {error}") from error


def attached_in_layout(path: Path, digest: str) -> list[tuple[dict[str, Any], bytes, BlobDirectory]]:
    """Return the artifacts in the directory *path* that are attached to the image with *digest*.

    Each has its descriptor, its manifest, and where its content is. ``OSError``, ``ValueError``, ``KeyError``,
    ``TypeError`` or ``AttributeError``: one is damaged.
    """
    blobs, found = BlobDirectory(path / _BLOBS), []
    for entry in json.loads((path / _INDEX).read_bytes())["manifests"]:
        if is_artifact(entry):
            manifest = read_blob(blobs, Descriptor.read(entry))
            if (json.loads(manifest).get("subject") or {}).get("digest") == digest:
                found.append((entry, manifest, blobs))
    return found


def _contents(artifacts: Sequence[Artifact]) -> Iterator[bytes]:
    for artifact in artifacts:
        yield from (artifact.document.content, artifact.configuration, artifact.manifest)


def _entry(image: Image, name: str) -> dict[str, object]:
    # The name that tools assume if none is given.
    return {**image.descriptor.document, "annotations": {REF_NAME: name or "latest"}}


def _images(path: Path) -> int:
    try:
        entries = json.loads((path / _INDEX).read_bytes())["manifests"]
        return sum(not is_artifact(entry) for entry in entries)
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return 0
