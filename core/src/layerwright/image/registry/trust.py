"""The authorities that this machine trusts, and those that engines were told to trust for one registry.

https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md and
https://docs.docker.com/engine/security/certificates/
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["trusting"]

_SYSTEM: Final = ("/etc/containers/certs.d", "/etc/docker/certs.d")
_OWN: Final = ("~/.config/containers/certs.d", "~/.config/docker/certs.d")


def trusting(host: str) -> ssl.SSLContext:
    """Return how certificates of *host*, a name with its port if it has one, are verified.

    Trusted are the authorities of this machine, which ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` replace, and those in the
    directories of engines for *host*. ``SiteError``: a file there cannot be read.
    """
    context = ssl.create_default_context()
    for file in _authorities(host):
        try:
            context.load_verify_locations(file)
        except OSError as error:
            raise SiteError(
                f"The certificates in {file} cannot be read.",
                cause=f"{error.strerror or error}. Engines take it for the authorities that sign for {host}.",
                remedy="Correct the file, which has to be in PEM format and readable by this user, or remove it.",
                reference="registry-certificate",
            ) from error
    return context


def _authorities(host: str) -> Iterator[Path]:
    # A redirection may name anything.
    if host in ("", ".", "..") or "/" in host:
        return
    for folder in (*_SYSTEM, *map(os.path.expanduser, _OWN)):
        yield from sorted(Path(folder, host).glob("*.crt"))
