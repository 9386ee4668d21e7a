"""Keys are read in the forms that people have, and each that cannot sign is told why."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from layerwright.errors import SiteError, UserError
from layerwright.image.signing._secretbox import open_box
from layerwright.image.signing.key import load_key
from layerwright.process.redaction import KNOWN
from tests.unit.image.signing.keys import (
    COSIGN,
    COSIGN_HINT,
    PASSWORD,
    new_key,
    pem,
    public_pem,
    sigstore_pem,
)

if TYPE_CHECKING:
    from pathlib import Path

WITH_PASSWORD = {"COSIGN_PASSWORD": PASSWORD}


def refused(
    path: Path, content: bytes | None, environment: dict[str, str] | None = None, remedy: str = "Create one"
) -> str:
    file = path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError, match=f"The key {file} cannot sign.") as caught:
        load_key(file, environment or {})
    assert caught.value.reference == "signing-key"
    assert caught.value.remedy[0].startswith(remedy)
    return caught.value.cause


@pytest.mark.parametrize(
    ("form", "password"),
    [
        (serialization.PrivateFormat.PKCS8, ""),
        (serialization.PrivateFormat.TraditionalOpenSSL, ""),
        (serialization.PrivateFormat.PKCS8, PASSWORD),
    ],
)
def test_a_key_in_pem_signs_equally_each_time(
    tmp_path: Path, form: serialization.PrivateFormat, password: str
) -> None:
    private = new_key()
    (tmp_path / "key").write_bytes(pem(private, form, password))
    # A password that is set for other keys does no harm.
    key = load_key(tmp_path / "key", WITH_PASSWORD)
    signature = key.sign(b"content")
    assert key.sign(b"content") == signature
    private.public_key().verify(signature, b"content", ec.ECDSA(hashes.SHA256()))


def test_a_key_of_cosign_is_opened_with_its_password(tmp_path: Path) -> None:
    (tmp_path / "cosign.key").write_text(COSIGN)
    assert load_key(tmp_path / "cosign.key", WITH_PASSWORD).hint == COSIGN_HINT
    assert PASSWORD not in KNOWN.masked(f"The password is {PASSWORD}.")


@pytest.mark.parametrize("content", [COSIGN.encode(), pem(new_key(), password=PASSWORD)])
def test_an_encrypted_key_needs_the_right_password(tmp_path: Path, content: bytes) -> None:
    unset = refused(tmp_path, content, remedy="Set COSIGN_PASSWORD")
    assert unset == "It is encrypted, and COSIGN_PASSWORD is not set."
    for wrong in ("another", ""):
        words = refused(tmp_path, content, {"COSIGN_PASSWORD": wrong}, "Correct COSIGN_PASSWORD")
        assert words.startswith("The password in COSIGN_PASSWORD is wrong, or the file is damaged")


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    missing = refused(tmp_path, None, remedy="Check the path")
    assert missing == "It cannot be read: No such file or directory."
    assert refused(tmp_path, b"hello") == "It has no private key in PEM."
    assert refused(tmp_path, public_pem(new_key()), remedy="Pass the private key") == "It is a public key."
    damaged = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    assert refused(tmp_path, damaged).startswith("It is damaged: ")


def test_a_key_of_another_kind_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path, pem(new_key(ec.SECP384R1()))) == (
        "It is a key on the curve secp384r1, and signatures need ECDSA on P-256."
    )
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert refused(tmp_path, other) == "It is a key of another kind, and signatures need ECDSA on P-256."


BOX = {
    "kdf": {
        "name": "scrypt",
        "params": {"N": 2, "r": 8, "p": 1},
        "salt": b64encode(b"salt").decode(),
    },
    "cipher": {"name": "nacl/secretbox", "nonce": b64encode(b"0" * 24).decode()},
    "ciphertext": b64encode(b"0" * 40).decode(),
}


@pytest.mark.parametrize(
    "content",
    [
        b"not JSON",
        b"[]",
        b"{}",
        json.dumps(BOX).encode(),
        json.dumps({**BOX, "cipher": {"name": "rot13"}}).encode(),
        json.dumps({**BOX, "ciphertext": ""}).encode(),
        json.dumps(
            {**BOX, "kdf": {"name": "scrypt", "params": {"N": 1 << 40, "r": 8, "p": 1}, "salt": ""}}
        ).encode(),
        json.dumps(
            {**BOX, "kdf": {"name": "scrypt", "params": {"N": 1 << 80, "r": 8, "p": 1}, "salt": ""}}
        ).encode(),
    ],
)
def test_a_damaged_key_of_cosign_is_told(tmp_path: Path, content: bytes) -> None:
    words = refused(tmp_path, sigstore_pem(content), WITH_PASSWORD, "Correct")
    assert words.startswith("The password in COSIGN_PASSWORD is wrong, or the file is damaged")


def test_the_end_of_a_key_may_be_missing(tmp_path: Path) -> None:
    assert refused(tmp_path, COSIGN.encode()[:-60], WITH_PASSWORD, "Correct").startswith("The password in ")


def test_without_the_library_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(SiteError, match="Signing is not installed") as caught:
        load_key(tmp_path / "key", {})
    assert 'pip install "layerwright[sign]"' in caught.value.remedy[0]


def test_a_library_that_cannot_sign_equally_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_arguments: object, **_options: object) -> object:
        raise UnsupportedAlgorithm("no deterministic signatures")

    monkeypatch.setattr(ec, "ECDSA", unsupported)
    with pytest.raises(SiteError, match="Signing is not installed") as caught:
        load_key(tmp_path / "key", {})
    assert "OpenSSL before 3.2" in caught.value.cause


# The example of "Cryptography in NaCl", section 10.
KEY = bytes.fromhex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389")
NONCE = bytes.fromhex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37")
MESSAGE = bytes.fromhex(
    "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561"
    "f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c6090"
    "2e52f0a089bc76897040e082f937763848645e0705"
)
SEALED = bytes.fromhex(
    "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce8"
    "7b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0"
    "e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5"
)


def test_a_secret_box_of_the_reference_is_opened() -> None:
    assert open_box(SEALED, NONCE, KEY) == MESSAGE


@pytest.mark.parametrize("place", [0, 15, 16, len(SEALED) - 1])
def test_a_changed_box_is_not_opened(place: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= 1
    with pytest.raises(ValueError, match="the key does not open the box"):
        open_box(bytes(changed), NONCE, KEY)
    with pytest.raises(ValueError, match="another length"):
        open_box(SEALED, NONCE[1:], KEY)
