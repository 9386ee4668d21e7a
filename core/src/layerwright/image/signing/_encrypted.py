"""Private keys as ``cosign generate-key-pair`` writes them: encrypted with a password.

https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from typing import Any, Final

from layerwright.image.signing._secretbox import open_box

__all__ = ["decrypted", "is_encrypted"]

_PEM: Final = re.compile(
    rb"-----BEGIN (ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY)-----\s(.+?)-----END \1-----", re.DOTALL
)
# 65,536 and 8 need 64 MiB; others could take all of the memory.
_MOST_MEMORY: Final = 1 << 30


def is_encrypted(content: bytes) -> bool:
    """Return whether *content*, a file, is such a key."""
    return _PEM.search(content) is not None


def decrypted(content: bytes, password: bytes) -> bytes:
    """Return the key in *content*, in DER (PKCS #8); ``ValueError``: the password is wrong, or the key is damaged."""
    found = _PEM.search(content)
    try:
        table: Any = json.loads(b64decode(found[2] if found else b""))
        kdf, cipher = table["kdf"], table["cipher"]
        if (kdf["name"], cipher["name"]) != ("scrypt", "nacl/secretbox"):
            raise ValueError("it is encrypted in an unknown way")
        parameters = kdf["params"]
        key = hashlib.scrypt(
            password,
            salt=b64decode(kdf["salt"]),
            n=int(parameters["N"]),
            r=int(parameters["r"]),
            p=int(parameters["p"]),
            maxmem=_MOST_MEMORY,
            dklen=32,
        )
        return open_box(b64decode(table["ciphertext"]), b64decode(cipher["nonce"]), key)
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"it is damaged: {error}") from error
