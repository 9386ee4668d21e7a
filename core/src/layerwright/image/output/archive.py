"""Images in one file: an OCI layout in an archive, with the index that ``docker load`` looks for.

https://github.com/moby/docker-image-spec/blob/main/spec.md
"""

from __future__ import annotations

import os
import re
from typing import IO, TYPE_CHECKING

from layerwright.files.atomic import sync_directory
from layerwright.image.blobs import checked_chunks
from layerwright.image.descriptor import CONFIG, Descriptor, json_bytes
from layerwright.image.layers.tar import DIRECTORY, END, FILE, Member, header, padding
from layerwright.image.output.place import check_writable, output_error
from layerwright.image.reading import ENGINE_NAME, REF_NAME
from layerwright.image.reference import Reference

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.image.image import Image

__all__ = ["check_archive", "image_name", "write_archive_of"]


def image_name(application: str) -> str:
    """Return the name with tag of the image of *application*, in letters that engines allow."""
    letters = re.sub(r"[^a-z0-9]+", "-", application.lower()).strip("-")
    return f"{letters or 'app'}:latest"


def check_archive(path: Path) -> None:
    """Raise ``UserError`` if an image cannot be written to the file *path*."""
    if path.is_dir():
        raise output_error(
            path, "It is a directory.", "Name a file, or write into the directory: oci:DIRECTORY"
        )
    check_writable(path, path.parent)


def write_archive_of(image: Image, path: Path, name: str, ref_name: str = "") -> None:
    """Write *image* to *path*, in place of an existing file; equal images give equal bytes.

    Engines call it *name*, with a tag; in the layout it is *ref_name*, by default the tag.
    """
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("xb") as file:
            _write(image, name, ref_name, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def _write(image: Image, name: str, ref_name: str, file: IO[bytes]) -> None:
    configuration, manifest = image.configuration, image.manifest
    layers = {layer.descriptor.digest: layer for layer in image.layers}
    for folder in (b"blobs", b"blobs/sha256"):
        file.write(header(Member(folder, DIRECTORY, 0o755, 0, 0)))
    for layer in layers.values():
        file.write(header(_member(_blob(layer.descriptor.digest), layer.descriptor.size)))
        with layer.blobs.open(layer.descriptor) as content:
            for chunk in checked_chunks(content, layer.descriptor):
                file.write(chunk)
        file.write(padding(layer.descriptor.size))
    config = _blob(Descriptor.of(CONFIG, configuration).digest)
    texts = {
        config: configuration,
        _blob(image.digest): manifest,
        "index.json": json_bytes({"schemaVersion": 2, "manifests": [_named(image, name, ref_name)]}),
        "manifest.json": json_bytes(
            [
                {
                    "Config": config,
                    "RepoTags": [name],
                    "Layers": [_blob(layer.descriptor.digest) for layer in image.layers],
                }
            ]
        ),
        "oci-layout": json_bytes({"imageLayoutVersion": "1.0.0"}),
    }
    for path, text in texts.items():
        file.write(header(_member(path, len(text))) + text + padding(len(text)))
    file.write(END)


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _named(image: Image, name: str, ref_name: str) -> dict[str, object]:
    complete = Reference.parse(name)
    annotations = {ENGINE_NAME: complete.words, REF_NAME: ref_name or complete.tag}
    return {**image.descriptor.document, "annotations": annotations}


def _member(name: str, size: int) -> Member:
    return Member(os.fsencode(name), FILE, 0o644, 0, 0, size)
