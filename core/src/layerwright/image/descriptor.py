"""Descriptors: how images refer to contents, by digest.

https://github.com/opencontainers/image-spec/blob/main/descriptor.md
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CONFIG",
    "DOCKER_INDEX",
    "DOCKER_MANIFEST",
    "INDEX",
    "LAYER",
    "MANIFEST",
    "Descriptor",
    "digest_of",
    "is_digest",
    "json_bytes",
]

INDEX: Final = "application/vnd.oci.image.index.v1+json"
MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
CONFIG: Final = "application/vnd.oci.image.config.v1+json"
LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")


class Descriptor(NamedTuple):
    """The type, the digest and the size in bytes of a content."""

    media_type: str
    digest: str
    size: int

    @classmethod
    def of(cls, media_type: str, content: bytes) -> Self:
        """Return the descriptor of *content*."""
        return cls(media_type, digest_of(content), len(content))

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        """Return the descriptor in a *document*; ``ValueError``: it is none, or its digest is not a SHA-256."""
        try:
            found = cls(str(document["mediaType"]), str(document["digest"]), int(document["size"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a descriptor: {error}") from error
        if not is_digest(found.digest):
            raise ValueError(f"not a SHA-256 digest: {found.digest}")
        return found

    @property
    def document(self) -> dict[str, Any]:
        """The descriptor as JSON values."""
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.size}


def digest_of(content: bytes) -> str:
    """Return the digest of *content*, in the notation of the image specification."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def is_digest(text: str) -> bool:
    """Return whether *text* is a SHA-256 digest in that notation; it is then safe in a path."""
    return _DIGEST.fullmatch(text) is not None


def json_bytes(document: object) -> bytes:
    """Return *document* as JSON with one form for equal values."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
