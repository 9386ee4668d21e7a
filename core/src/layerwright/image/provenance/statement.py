"""In-toto statements with SLSA provenance.

https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and https://slsa.dev/spec/v1.1/provenance
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from layerwright.image.attached.artifact import IN_TOTO, PREDICATE_TYPE, Document
from layerwright.image.descriptor import digest_of
from layerwright.output.record import masked
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["BUILD", "PATCH", "Making", "digests", "provenance", "statement"]

_SLSA: Final = "https://slsa.dev/provenance/v1"
_TITLE: Final = "provenance.json"
_JSON: Final = "application/json"
_RECORD: Final = "build record, portable part"
_TYPE: Final = "https://in-toto.io/Statement/v1"
_BUILDER: Final = "https://layerwright.example.com/"
_PAGE: Final = f"{_BUILDER}provenance.html"
BUILD: Final = f"{_PAGE}#build-v1"
PATCH: Final = f"{_PAGE}#patch-v1"


@dataclass(frozen=True, kw_only=True)
class Making:
    """How an image was made: the type of the build, what the user asked for, what was decided, and what went in.

    ``record`` is the portable part of the build record, if there is one.
    """

    build_type: str
    external: Mapping[str, Any]
    internal: Mapping[str, Any]
    dependencies: tuple[Mapping[str, Any], ...]
    record: bytes = b""


def provenance(name: str, digest: str, making: Making, documents: Iterable[Document]) -> Document:
    """Return the statement about the image *name* with *digest*, and about the *documents* that describe it.

    Equal images that were made in the same way have equal statements: there is no time in it. It has no secret.
    """
    predicate = {
        "buildDefinition": {
            "buildType": making.build_type,
            "externalParameters": making.external,
            "internalParameters": making.internal,
            "resolvedDependencies": list(making.dependencies),
        },
        "runDetails": {
            "builder": {"id": _BUILDER, "version": {"layerwright": __version__}},
            "byproducts": [
                *(_byproduct(each.title, each.content, each.media_type) for each in documents),
                *([_record(making.record)] if making.record else []),
            ],
        },
    }
    return Document(
        media_type=IN_TOTO,
        content=statement(name, digest, _SLSA, masked(predicate)),
        title=_TITLE,
        annotations={PREDICATE_TYPE: _SLSA},
    )


def _byproduct(name: str, content: bytes, media_type: str) -> dict[str, Any]:
    return {"name": name, "digest": digests(digest_of(content)), "mediaType": media_type}


def _record(content: bytes) -> dict[str, Any]:
    # Nothing else of the image has it, so a verifier of the digest needs the content.
    return {**_byproduct(_RECORD, content, _JSON), "content": base64.b64encode(content).decode()}


def statement(name: str, digest: str, predicate_type: str, predicate: Mapping[str, Any]) -> bytes:
    """Return the statement that *predicate* holds for the image *name* with *digest*."""
    document = {
        "_type": _TYPE,
        "subject": [{"name": name, "digest": digests(digest)}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    # TOML has dates, which JSON has not.
    return (json.dumps(document, indent=1, default=str) + "\n").encode()


def digests(*hashes: str) -> dict[str, str]:
    """Return *hashes*, as ``sha256:…``, in the form of in-toto."""
    return {algorithm: value for algorithm, _, value in (each.partition(":") for each in hashes)}
