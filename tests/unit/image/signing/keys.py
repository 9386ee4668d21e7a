"""Keys that sign nothing but tests."""

from __future__ import annotations

from base64 import b64encode

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

PASSWORD = "secret-pass"
# `cosign generate-key-pair` wrote these.
COSIGN = """\
-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----
eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6
OCwicCI6MX0sInNhbHQiOiIrMUhldE9ybUlOZU5aeFRPV1d0L09XMlFWakM3RzFn
M2xaT3Mwa1BwTHF3PSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94
Iiwibm9uY2UiOiJxZHozeDkvSDVhL0drRVBVOGlrMzlDV1RmeUpJOE44SCJ9LCJj
aXBoZXJ0ZXh0IjoiZUVDd3hSM0ZZb3pKNkZtUG1pRjUvM01mRXJRNXVUenV2NWlF
TkIvMnpadG1tV3VUam1sY1lXckxKTlJoeHVyL1JBTmQvUXNGcUc5UmVNV1Vjbnlk
ZHlRY1VyQ1hsZVpTSlRsa0FQVTd4UThZa3BWNDl5UTVscVBNSGluaVpEMzc0RlJa
Qk1UTG9iaFRXL0UzZFpCdXJTSk9Gc3N6U0MzY2dhOEpBYWh5ZkpJVmFkK1p3RENu
aXVHVHRGcjEvS0pFSVp2QjB4NlpzV3I5Vmc9PSJ9
-----END ENCRYPTED SIGSTORE PRIVATE KEY-----
"""
COSIGN_HINT = "ntv5STMLsCmGAR5A8rUqmtyVPu612Q8SPAwGHujCISU="


def new_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def pem(
    key: ec.EllipticCurvePrivateKey,
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
    password: str = "",
) -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, form, encryption)


def public_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def sigstore_pem(content: bytes) -> bytes:
    """Return *content* in the form of an encrypted key of cosign."""
    label = b"ENCRYPTED SIGSTORE PRIVATE KEY"
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, b64encode(content), label)
