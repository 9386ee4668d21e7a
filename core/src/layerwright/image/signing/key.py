"""Private keys for signatures."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError, UserError
from layerwright.files import bounded
from layerwright.image.signing._encrypted import decrypted, is_encrypted
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["PASSWORD", "SigningKey", "load_key"]

PASSWORD: Final = "COSIGN_PASSWORD"  # noqa: S105  # the name of a variable
"""The variable with the password of a key, as cosign has it."""
_CURVE: Final = "secp256r1"


class SigningKey:
    """An ECDSA key on the curve P-256. Equal contents have equal signatures (RFC 6979)."""

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key: Final = key

    @property
    def hint(self) -> str:
        """What tells the public key from others, as cosign has it: the SHA-256 of its DER form, in base64."""
        from cryptography.hazmat.primitives import serialization

        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return b64encode(hashlib.sha256(der).digest()).decode()

    def sign(self, content: bytes) -> bytes:
        """Return the signature of *content*, in DER."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec

        return self._key.sign(content, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def load_key(path: Path, environment: Mapping[str, str]) -> SigningKey:
    """Return the private key in the file *path*, whose password is in *environment* if it has one.

    It is a key of ``cosign generate-key-pair``, or PEM (PKCS #8 or SEC 1). ``UserError``: it is no key, not one on the
    curve P-256, or its password is missing or wrong. ``SiteError``: what reads keys is not installed.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        # Other signatures would be new ones with every push.
        ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except ImportError as error:
        raise _not_installed(f"It needs the distribution cryptography: {error}.") from error
    except UnsupportedAlgorithm as error:
        raise _not_installed(
            f"Its distribution cryptography uses a version of OpenSSL before 3.2: {error}."
        ) from error
    try:
        content = bounded.read(path)
    except OSError as error:
        raise _unusable(
            path,
            f"It cannot be read: {error.strerror or error}.",
            "Check the path and its permissions, or create a key with `cosign generate-key-pair`.",
        ) from error
    password = environment.get(PASSWORD)
    KNOWN.learn([password] if password else ())
    if b"PRIVATE KEY-----" not in content:
        if b"PUBLIC KEY-----" in content:
            raise _unusable(
                path, "It is a public key.", "Pass the private key that belongs to it, such as cosign.key."
            )
        raise _unusable(path, "It has no private key in PEM.")
    secret = password.encode() if password is not None else None
    has_password = is_encrypted(content) or b"ENCRYPTED" in content
    if has_password and secret is None:
        raise _unusable(
            path,
            f"It is encrypted, and {PASSWORD} is not set.",
            f"Set {PASSWORD} to the password of the key.",
        )
    try:
        key = (
            serialization.load_der_private_key(decrypted(content, secret or b""), None)
            if is_encrypted(content)
            else serialization.load_pem_private_key(content, secret if has_password else None)
        )
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        if has_password:
            cause = f"The password in {PASSWORD} is wrong, or the file is damaged: {error}."
            raise _unusable(path, cause, f"Correct {PASSWORD}.") from error
        raise _unusable(path, f"It is damaged: {error}.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != _CURVE:
        kind = (
            f"on the curve {key.curve.name}"
            if isinstance(key, ec.EllipticCurvePrivateKey)
            else "of another kind"
        )
        raise _unusable(path, f"It is a key {kind}, and signatures need ECDSA on P-256.")
    return SigningKey(key)


def _not_installed(cause: str) -> SiteError:
    return SiteError(
        "Signing is not installed.",
        cause=cause,
        remedy='Install it: pip install "layerwright[sign]"',
        reference="signing-key",
    )


def _unusable(path: Path, cause: str, remedy: str = "") -> UserError:
    return UserError(
        f"The key {path} cannot sign.",
        cause=cause,
        remedy=remedy
        or (
            f"Create one with `cosign generate-key-pair`, and put its password into {PASSWORD}.",
            "Or, without a password: openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt",
        ),
        reference="signing-key",
    )
