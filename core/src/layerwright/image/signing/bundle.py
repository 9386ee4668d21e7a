"""Signed statements: DSSE envelopes in Sigstore bundles, which cosign attaches and verifies.

https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md and
https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from layerwright.image.attached.artifact import BUNDLE_PREDICATE_TYPE, IN_TOTO, SIGSTORE_BUNDLE, Document
from layerwright.image.descriptor import json_bytes
from layerwright.image.provenance.statement import statement

if TYPE_CHECKING:
    from layerwright.image.signing.key import SigningKey

__all__ = ["image_signature", "pae", "signed"]

_SIGNATURE: Final = "https://sigstore.dev/cosign/sign/v1"
_CONTENT: Final = "dev.sigstore.bundle.content"


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: *payload* with its type, so that no signature can be taken for that of something else."""
    kind = payload_type.encode()
    return b" ".join((b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload))


def signed(content: bytes, title: str, key: SigningKey) -> Document:
    """Return *content*, an in-toto statement, signed with *key*, as a document with the file name *title*.

    There is no entry in a transparency log: nothing about the image leaves for one.
    """
    bundle = {
        "mediaType": SIGSTORE_BUNDLE,
        "verificationMaterial": {"publicKey": {"hint": key.hint}},
        "dsseEnvelope": {
            "payload": b64encode(content).decode(),
            "payloadType": IN_TOTO,
            "signatures": [{"sig": b64encode(key.sign(pae(IN_TOTO, content))).decode()}],
        },
    }
    return Document(
        media_type=SIGSTORE_BUNDLE,
        content=json_bytes(bundle),
        title=title,
        annotations={
            _CONTENT: "dsse-envelope",
            BUNDLE_PREDICATE_TYPE: str(json.loads(content)["predicateType"]),
        },
    )


def image_signature(name: str, digest: str, key: SigningKey) -> Document:
    """Return the signature of the image *name* with *digest*, which ``cosign verify`` looks for."""
    return signed(statement(name, digest, _SIGNATURE, {}), "image.sigstore.json", key)
