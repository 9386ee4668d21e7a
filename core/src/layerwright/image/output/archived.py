"""Reads the image in one file: an OCI layout in an archive, or what ``docker save`` writes."""

from __future__ import annotations

import hashlib
import json
import tarfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from layerwright.image.descriptor import CONFIG, DOCKER_MANIFEST, LAYER, MANIFEST, Descriptor, json_bytes
from layerwright.image.reading import INDEXES, NoImageError, named, read_blob, read_image, select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layerwright.image.image import Image

__all__ = ["read_archive"]

_CHUNK = 1 << 20


def read_archive(path: Path, architecture: str, system: str, name: str = "") -> tuple[Image, str]:
    """Return the image in the file *path*, with its digest; of several, that of a *name*, and for a platform.

    ``NoImageError``: there is none.
    """
    try:
        with tarfile.open(path) as archive:
            names = {member.name.lstrip("./"): member for member in archive if member.isfile()}
        members = _Members(path, names)
        if "index.json" in names:
            descriptor = select(members.json("index.json"), architecture, system, name)
            while descriptor.media_type in INDEXES:
                descriptor = select(json.loads(read_blob(members, descriptor)), architecture, system)
            return read_image(read_blob(members, descriptor), members), descriptor.digest
        if "manifest.json" in names:
            manifest = members.of_docker(name)
            return read_image(manifest, members), Descriptor.of(MANIFEST, manifest).digest
        raise NoImageError("it has neither an index.json nor a manifest.json")
    except OSError as error:
        raise NoImageError(f"it cannot be read: {error.strerror or error}") from error
    except (AttributeError, KeyError, TypeError, ValueError, tarfile.TarError) as error:
        if isinstance(error, NoImageError):
            raise
        raise NoImageError(f"it is not an archive with an image: {error}") from error


def _names(described: Mapping[str, Any]) -> list[str]:
    """Return the names of an image in what ``docker save`` wrote, also without the tag that is assumed."""
    tags = [str(tag) for tag in described.get("RepoTags") or ()]
    return [*tags, *(tag.removesuffix(":latest") for tag in tags if tag.endswith(":latest"))]


class _Members:
    """The members of the archive at *path*, which are the contents of an image."""

    def __init__(self, path: Path, names: dict[str, tarfile.TarInfo]) -> None:
        self._path = path
        self._names = names
        self._by_digest: dict[str, str] = {}

    @contextmanager
    def open(self, descriptor: Descriptor) -> Iterator[IO[bytes]]:
        """Open the member with the content; ``OSError``: there is none."""
        digest = descriptor.digest
        name = self._by_digest.get(digest, f"blobs/{digest.replace(':', '/')}")
        if name not in self._names:
            raise OSError(f"{self._path} has no {digest}")
        with self._member(name) as content:
            yield content

    def json(self, name: str) -> Any:
        """Return the values in the member *name*."""
        with self._member(name) as content:
            return json.loads(content.read())

    def of_docker(self, name: str) -> bytes:
        """Return a manifest of the image in what ``docker save`` wrote; of several, that with *name*."""
        known = [(_names(each), each) for each in self.json("manifest.json")]
        found = named(name, known) if name else [each for _, each in known]
        if len(found) != 1:
            names = ", ".join(sorted(each for names, _ in known for each in names if ":" in each))
            raise NoImageError(f"it has {len(found)} images, so one must be named: {names}")
        described = found[0]
        layers = [self._described(LAYER, name) for name in described["Layers"]]
        config = self._described(CONFIG, described["Config"])
        return json_bytes(
            {
                "schemaVersion": 2,
                "mediaType": DOCKER_MANIFEST,
                "config": config.document,
                "layers": [layer.document for layer in layers],
            }
        )

    def _described(self, media_type: str, name: str) -> Descriptor:
        digest, first, size = hashlib.sha256(), b"", 0
        with self._member(name) as content:
            while chunk := content.read(_CHUNK):
                first = first or chunk[:4]
                digest.update(chunk)
                size += len(chunk)
        compressed = {b"\x1f\x8b": "+gzip", b"\x28\xb5": "+zstd"}.get(first[:2], "")
        found = Descriptor(f"{media_type}{compressed}", f"sha256:{digest.hexdigest()}", size)
        self._by_digest[found.digest] = name
        return found

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        member = self._names[name.lstrip("./")]
        # A compressed archive is read from its beginning each time.
        with tarfile.open(self._path) as archive, cast("IO[bytes]", archive.extractfile(member)) as content:
            yield content
