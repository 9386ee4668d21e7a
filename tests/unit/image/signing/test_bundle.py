"""Signed statements have the form that cosign verifies."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from layerwright.image.provenance.statement import statement
from layerwright.image.signing.bundle import image_signature, pae, signed
from layerwright.image.signing.key import load_key
from tests.unit.image.signing.keys import new_key, pem

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = f"sha256:{'1' * 64}"


def test_the_encoding_is_that_of_the_specification() -> None:
    # https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md, "Test Vectors"
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_signed_statement_can_be_verified_and_is_the_same_each_time(tmp_path: Path) -> None:
    private = new_key()
    (tmp_path / "key").write_bytes(pem(private))
    key = load_key(tmp_path / "key", {})
    content = statement("shop", DIGEST, "https://slsa.dev/provenance/v1", {"some": "thing"})
    document = signed(content, "provenance.sigstore.json", key)
    assert signed(content, "provenance.sigstore.json", key) == document
    assert document.media_type == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert document.annotations == {
        "dev.sigstore.bundle.content": "dsse-envelope",
        "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1",
    }
    bundle = json.loads(document.content)
    assert bundle["mediaType"] == document.media_type
    assert bundle["verificationMaterial"] == {"publicKey": {"hint": key.hint}}
    envelope = bundle["dsseEnvelope"]
    assert b64decode(envelope["payload"]) == content
    [signature] = envelope["signatures"]
    what = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(content), content)
    algorithm = ec.ECDSA(hashes.SHA256())
    private.public_key().verify(b64decode(signature["sig"]), what, algorithm)
    with pytest.raises(InvalidSignature):
        new_key().public_key().verify(b64decode(signature["sig"]), what, algorithm)


def test_the_signature_of_an_image_is_a_statement_that_says_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(pem(new_key()))
    document = image_signature("shop", DIGEST, load_key(tmp_path / "key", {}))
    payload = json.loads(b64decode(json.loads(document.content)["dsseEnvelope"]["payload"]))
    assert payload == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "shop", "digest": {"sha256": "1" * 64}}],
        "predicateType": "https://sigstore.dev/cosign/sign/v1",
        "predicate": {},
    }
