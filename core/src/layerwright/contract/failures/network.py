"""Diagnoses of the network and the package index, in the words of the HTTP libraries that package managers use."""

from __future__ import annotations

from layerwright.process.failures.diagnosis import Diagnosis

__all__ = ["network_diagnoses"]

# urllib3 warns of each attempt, and the next one may succeed.
_LINE = r"^(?!.*Retrying \(Retry).*?"
_URL = r"(?P<url>https?://[^\s'`\")]+)"


def network_diagnoses(index: str, certificates: str) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of an index that refuses access, fails, or cannot be reached.

    *index* says where the tool reads the URL of its index, *certificates* is the setting with its file of certificates.
    """
    return (
        Diagnosis(
            pattern=r"407 Proxy Authentication Required|proxy authorization required|" + _status("407"),
            summary="The proxy asks for a user name and a password.",
            cause="The package index can only be reached through it.",
            remedy=(
                "Set https_proxy, and http_proxy, to the URL of the proxy with both: http://USER:PASSWORD@proxy.example.com:3128",
            ),
            reference="proxy-login",
        ),
        Diagnosis(
            pattern=r"CERTIFICATE_VERIFY_FAILED.*|certificate verify failed.*|invalid peer certificate.*",
            summary="The certificate of the package index is not trusted.",
            cause="A company's index or proxy often has a certificate that only the company's machines trust.",
            remedy=(
                "Get the certificate of the authority that issued it, as a PEM file.",
                f"Name that file in {certificates}, and build again.",
            ),
            reference="index-certificate",
        ),
        Diagnosis(
            pattern=_status("401"),
            summary="The package index asks for a user name and a password.",
            cause="It received none, or wrong ones.",
            remedy=(f"Correct the credentials: {index}.",),
            reference="index-login",
        ),
        Diagnosis(
            pattern=_status("403"),
            summary="The package index refuses access.",
            cause="The credentials, or the network of this machine, do not allow it.",
            remedy=(
                f"Check the URL of the index and the credentials: {index}.",
                "Ask the operators of the index whether this machine may use it.",
            ),
            reference="index-forbidden",
        ),
        Diagnosis(
            pattern=r"^(?!.*(?:Could not fetch URL|Failed to collect links))" + _status("404"),
            summary="The package index no longer has an archive.",
            cause="The index or a lock file lists the archive, but the server does not have it.",
            remedy=(
                "Lock another version of that distribution.",
                f"If the index is a mirror, wait until it is complete, or use another one: {index}.",
            ),
            reference="archive-not-found",
        ),
        Diagnosis(
            pattern=_status("429"),
            summary="The package index allows no more requests for now.",
            remedy=(
                "Build again in a few minutes.",
                f"If it happens often, use a mirror of the index: {index}.",
            ),
            reference="index-busy",
            transient=True,
        ),
        Diagnosis(
            pattern=_status(r"5\d\d"),
            summary="The package index answered with a server error.",
            remedy=(
                "Build again in a few minutes.",
                f"If the error continues, ask the operators of the index, or use a mirror: {index}.",
            ),
            reference="index-failing",
            transient=True,
        ),
        Diagnosis(
            pattern=_LINE
            + r"(?:Failed to establish a new connection|Name or service not known|No address associated"
            r"|nodename nor servname|Temporary failure in name resolution|Failed to resolve|failed to lookup address"
            r"|Network is unreachable|No route to host|Connection (?:refused|reset|broken|aborted)"
            r"|: connection error: |(?:Read|operation|[Cc]onnection|connect) timed out|ReadTimeout|ConnectTimeout"
            r"|didn't respond within|IncompleteRead|incomplete-download|not enough bytes were received"
            r"|end of file before message length|peer closed connection|error reading a body from connection"
            r"|RemoteDisconnected|Server disconnected|ConnectError|client error \(Connect\)"
            r"|Cannot connect to proxy|Unable to connect to proxy).*",
            summary="The package index could not be reached.",
            cause="The network, a proxy or the index is down, or the URL of the index is wrong.",
            remedy=(
                "Check that this machine has a network, and build again.",
                f"Check the URL of the index: {index}.",
                "If the index can only be reached through a proxy, set https_proxy.",
            ),
            reference="index-unreachable",
            transient=True,
        ),
    )


def _status(code: str) -> str:
    """Return the pattern of an answer with *code*: of requests, pip, httpx and reqwest, in this order."""
    return (
        rf"{_LINE}(?:\b{code} (?:Client|Server) Error|(?:Client|Server) Error\({code}\)|HTTP error {code}\b"
        rf"|too many {code} error responses"
        rf"|(?:Client|Server) error '{code}\b|\({code} [A-Z][a-z]+|returned a {code}\b).*"
    )
