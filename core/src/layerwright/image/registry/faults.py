"""Failures of connections: those that may pass, and the errors of those that no further attempt can change."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from typing import Final

from layerwright.errors import SiteError
from layerwright.image.registry.errors import TryAgainError

__all__ = ["failure", "proxy_error"]

# A server without TLS, in the words of the releases of OpenSSL.
_WITHOUT_TLS: Final = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"}
)
_NO_AGREEMENT: Final = frozenset(
    {
        "NO_PROTOCOLS_AVAILABLE",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSUPPORTED_PROTOCOL",
    }
)
# EAI_NODATA: it exists, and has no address. Not every system has the name.
_UNKNOWN_NAME: Final = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_TUNNEL: Final = re.compile(r"Tunnel connection failed: ((\d+).*)")
_TUNNEL_REFUSED: Final = frozenset({"401", "403", "405", "407"})
# X509_V_ERR_… of OpenSSL
_OUT_OF_DATE: Final = frozenset({9, 10})
_OTHER_NAME: Final = frozenset({62, 64})


def failure(error: Exception, scheme: str, host: str, proxy: str = "") -> Exception:
    """Return ``TryAgainError`` if another attempt may succeed after *error*, else a ``SiteError`` with the remedy.

    *host* is the address that was asked, with its port; *proxy* is that of the proxy on the way, if there is one.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _untrusted(error, host)
    if isinstance(error, ssl.SSLError):
        if error.reason in _WITHOUT_TLS:
            return _without_tls(host)
        if error.reason in _NO_AGREEMENT:
            return _no_agreement(error.reason, host)
        return TryAgainError(f"there is no connection with TLS ({error.reason})")
    if isinstance(error, socket.gaierror) and error.errno in _UNKNOWN_NAME:
        return _unknown_name(host, proxy)
    tunnel = _TUNNEL.fullmatch(str(error))
    if tunnel is not None and tunnel[2] in _TUNNEL_REFUSED:
        return proxy_error(proxy, host, tunnel[1])
    # The other exceptions of this class are connections that were closed.
    if type(error) is http.client.BadStatusLine and scheme == "http":
        return _with_tls(host)
    return TryAgainError(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def proxy_error(proxy: str, host: str, words: str) -> SiteError:
    """Return the error if *proxy* refuses the way to *host*; *words* are its status and reason."""
    return SiteError(
        f"The proxy {proxy} refuses the connection to {host}.",
        cause=f"It answered {words.strip()}.",
        remedy=(
            "If it wants a login, write it into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT",
            f"If {host} can be reached without a proxy, add it to NO_PROXY.",
        ),
        reference="registry-proxy",
    )


def _untrusted(error: ssl.SSLCertVerificationError, host: str) -> SiteError:
    code = getattr(error, "verify_code", 0)
    remedy: tuple[str, ...]
    if code in _OTHER_NAME:
        remedy = ("Check the name of the registry: the certificate belongs to another one.",)
    elif code in _OUT_OF_DATE:
        remedy = ("Check the clock of this machine. If it is right, the certificate must be renewed.",)
    else:
        remedy = (
            "If your own authority signed it, copy the certificate of the authority to"
            f" ~/.config/containers/certs.d/{host}/ca.crt, where Podman and Skopeo find it as well.",
            "If a proxy on the way signs everything, set SSL_CERT_FILE to a file with the certificates of all"
            " authorities that you trust.",
            "If this machine has no certificates of authorities, install them: Debian's package is ca-certificates.",
        )
    return SiteError(
        f"The certificate of {host} is not trusted.",
        cause=f"The check of the certificate says: {error.verify_message.rstrip('.')}.",
        remedy=remedy,
        reference="registry-certificate",
    )


def _without_tls(host: str) -> SiteError:
    return SiteError(
        f"{host} does not speak TLS.",
        cause="Its answer to the beginning of a TLS connection is something else, as of a server with plain HTTP.",
        remedy=(
            f'If this registry has no TLS, and you trust the network: image.plain-http = ["{host}"]',
            "Otherwise check the name and the port.",
        ),
        reference="registry-tls",
    )


def _no_agreement(reason: str, host: str) -> SiteError:
    return SiteError(
        f"There is no connection with TLS to {host}.",
        cause=f"This machine and the server find no common way to speak it: {reason}.",
        remedy="Check which versions of TLS the registry allows, and whether it wants certificates of its users:"
        " these are not supported.",
        reference="registry-tls",
    )


def _with_tls(host: str) -> SiteError:
    return SiteError(
        f"{host} does not speak plain HTTP.",
        cause="Its answer to a request without TLS is something else, as of a server with TLS.",
        remedy="If image.plain-http lists this registry, remove it there. Otherwise check the name and the port.",
        reference="registry-tls",
    )


def _unknown_name(host: str, proxy: str) -> SiteError:
    remedy = (
        "Check the proxy in HTTPS_PROXY."
        if proxy
        else "Check the name. If it is right, check the DNS of this machine, or set HTTPS_PROXY."
    )
    return SiteError(
        f"There is no host {proxy or host}.",
        cause="The name has no address."
        + (f" It is that of the proxy on the way to {host}." if proxy else ""),
        remedy=remedy,
        reference="registry-unknown",
    )
