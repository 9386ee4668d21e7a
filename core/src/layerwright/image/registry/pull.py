"""Reads images from a registry."""

from __future__ import annotations

import http.client
import json
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from layerwright.image.blobs import DigestError, checked_chunks
from layerwright.image.descriptor import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    INDEX,
    MANIFEST,
    Descriptor,
    digest_of,
)
from layerwright.image.reading import INDEXES, NoImageError, read_image, select
from layerwright.image.registry.client import PULL
from layerwright.image.registry.errors import TryAgainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.image.blobs import BlobDirectory
    from layerwright.image.image import Image
    from layerwright.image.reference import Reference
    from layerwright.image.registry.client import RegistryClient

__all__ = ["Pulled", "RegistryBlobs", "manifest_of", "pull", "remote_digest"]

_ACCEPTED: Final = ", ".join((INDEX, MANIFEST, DOCKER_INDEX, DOCKER_MANIFEST))


class Pulled(NamedTuple):
    """An image, and the digest that its name leads to: that of the image, or of an index of platforms.

    ``manifest`` is the digest of the image, as the registry has it.
    """

    image: Image
    digest: str
    manifest: str


class RegistryBlobs:
    """The contents in *repository*; each is kept in *cache* once it was read."""

    def __init__(self, client: RegistryClient, repository: str, cache: BlobDirectory) -> None:
        self.client: Final = client
        self.repository: Final = repository
        self._cache: Final = cache

    @contextmanager
    def open(self, descriptor: Descriptor) -> Iterator[IO[bytes]]:
        """Open the content in the cache, after it was downloaded. ``LayerwrightError``: that is not possible."""
        if not self._cache.has(descriptor):
            self.client.again(lambda: self._fetch(descriptor))
        with self._cache.open(descriptor) as content:
            yield content

    def _fetch(self, descriptor: Descriptor) -> None:
        url = self.client.url(self.repository, f"blobs/{descriptor.digest}")
        answer = self.client.once("GET", url, self.repository)
        if answer.status != http.client.OK:
            raise self.client.refused(answer, f"the content {descriptor.digest}")
        try:
            with answer.content as content, self._cache.draft() as (file, keep):
                for chunk in checked_chunks(cast("IO[bytes]", content), descriptor):
                    file.write(chunk)
                keep(descriptor.digest)
        except (DigestError, ConnectionError, TimeoutError, http.client.HTTPException) as error:
            raise TryAgainError(str(error)) from error


def pull(
    client: RegistryClient, reference: Reference, cache: BlobDirectory, architecture: str, system: str
) -> Pulled:
    """Return the image *reference* for a platform. Its layers are downloaded when they are read.

    ``NoImageError``: there is none. ``LayerwrightError``: the registry cannot be asked.
    """
    blobs = RegistryBlobs(client, reference.repository, cache)
    content, media_type, digest = manifest_of(client, reference, cache)
    first = digest
    while media_type in INDEXES:
        chosen = select(json.loads(content), architecture, system)
        content, media_type, digest = manifest_of(
            client, reference._replace(tag="", digest=chosen.digest), cache
        )
    return Pulled(read_image(content, blobs), first, digest)


def remote_digest(client: RegistryClient, reference: Reference, actions: str = PULL) -> str:
    """Return the digest that *reference* has in the registry, without reading it; empty if there is none.

    ``SiteError``: the registry cannot be reached, or does not give a login for *actions*.
    """
    url = client.url(reference.repository, f"manifests/{reference.version}")

    def attempt() -> str:
        answer = client.once(
            "HEAD", url, reference.repository, actions=actions, headers={"Accept": _ACCEPTED}
        )
        answer.read()
        if answer.status == http.client.NOT_FOUND:
            return ""
        if answer.status != http.client.OK:
            raise client.refused(answer, reference.words)
        return answer.headers.get("Docker-Content-Digest", "")

    return client.again(attempt)


def manifest_of(client: RegistryClient, reference: Reference, cache: BlobDirectory) -> tuple[bytes, str, str]:
    """Return the manifest *reference*, with its media type and digest; one named by its digest is kept in *cache*.

    ``NoImageError``: there is none. ``SiteError``: the registry cannot be asked.
    """
    if reference.digest:
        try:
            content = cache.file(reference.digest).read_bytes()
        except OSError:
            pass
        else:
            if digest_of(content) == reference.digest:
                return content, _media_type(content, ""), reference.digest
    url = client.url(reference.repository, f"manifests/{reference.version}")

    def attempt() -> tuple[bytes, str, str]:
        answer = client.once("GET", url, reference.repository, headers={"Accept": _ACCEPTED})
        if answer.status == http.client.NOT_FOUND:
            answer.read()
            raise NoImageError(f"the registry {client.registry} has no {reference.words}")
        if answer.status != http.client.OK:
            raise client.refused(answer, reference.words)
        content = answer.read()
        digest = digest_of(content)
        told = reference.digest or answer.headers.get("Docker-Content-Digest", digest)
        if digest != told:
            raise TryAgainError(f"the manifest {told} has another content")
        cache.put(content, digest)
        return content, _media_type(content, answer.headers.get("Content-Type", "")), digest

    return client.again(attempt)


def _media_type(content: bytes, told: str) -> str:
    try:
        document = json.loads(content)
        found = str(document.get("mediaType") or told.partition(";")[0])
    except (AttributeError, ValueError) as error:
        raise NoImageError(f"its manifest is damaged: {error}") from error
    # It is optional in OCI's documents.
    return found or (INDEX if "manifests" in document else MANIFEST)
