"""The certificates to trust in a build: those of this machine, and those of indexes and repositories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["USERS", "bundle"]

# Where the distributions of Linux have them, if the interpreter that runs this has been built elsewhere.
_MACHINES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
USERS: Final = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""The variables with the user's own file of certificates."""


def bundle(certificates: Sequence[str], users: Sequence[Path], machines: Sequence[str] = _MACHINES) -> str:
    """Return *certificates* and those that are trusted without them, as PEM: tools trust only one file.

    Those are in the first file of *users*, which the user has set, and of *machines* that exists.
    """
    found = next((text for place in (*users, *map(Path, machines)) if (text := _text(place))), "")
    return "\n".join([*certificates, found.rstrip(), ""])


def _text(path: Path) -> str:
    from layerwright.files.bounded import read

    try:
        return read(path).decode(errors="replace")
    except OSError:
        return ""
