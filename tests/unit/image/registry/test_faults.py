"""Failures of connections: those that cannot pass say what to change, and the others are tried again."""

from __future__ import annotations

import http.client
import socket
import ssl

import pytest

from layerwright.errors import SiteError
from layerwright.image.registry.errors import TryAgainError
from layerwright.image.registry.faults import failure

HOST = "registry.example.com:5000"


def untrusted(code: int, words: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_code, error.verify_message = code, words
    return error


def without_tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError()
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "reference", "remedy"),
    [
        (untrusted(18, "self-signed certificate"), "registry-certificate", "set SSL_CERT_FILE"),
        (untrusted(20, "unable to get local issuer certificate"), "registry-certificate", "ca-certificates"),
        (untrusted(10, "certificate has expired"), "registry-certificate", "Check the clock"),
        (untrusted(62, "Hostname mismatch"), "registry-certificate", "Check the name of the registry"),
        (without_tls("WRONG_VERSION_NUMBER"), "registry-tls", f'image.plain-http = ["{HOST}"]'),
        (without_tls("UNSUPPORTED_PROTOCOL"), "registry-tls", "versions of TLS"),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "registry-unknown",
            "Check the name",
        ),
        (OSError("Tunnel connection failed: 403 Forbidden"), "registry-proxy", "NO_PROXY"),
        (http.client.BadStatusLine("\x15\x03"), "registry-tls", "image.plain-http"),
    ],
)
def test_a_failure_that_cannot_pass_is_an_error_with_its_remedy(
    error: Exception, reference: str, remedy: str
) -> None:
    found = failure(error, "http", HOST)
    assert isinstance(found, SiteError)
    assert found.reference == reference
    assert remedy in "\n".join(found.remedy)
    assert HOST in found.summary
    assert not found.transient


def test_the_words_of_the_check_of_a_certificate_are_in_the_error() -> None:
    # Some of them are sentences.
    for words in ("self-signed certificate", "self-signed certificate."):
        found = failure(untrusted(18, words), "https", HOST)
        assert isinstance(found, SiteError)
        assert found.cause == "The check of the certificate says: self-signed certificate."


def test_an_unknown_proxy_is_named_with_the_setting() -> None:
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    found = failure(error, "https", HOST, "proxy.example.com:3128")
    assert isinstance(found, SiteError)
    assert found.summary == "There is no host proxy.example.com:3128."
    assert HOST in found.cause
    assert found.remedy == ("Check the proxy in HTTPS_PROXY.",)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "Temporary failure in name resolution",
        ),
        (TimeoutError("timed out"), "timed out"),
        (without_tls("UNEXPECTED_EOF_WHILE_READING"), "no connection with TLS (UNEXPECTED_EOF"),
        (OSError("Tunnel connection failed: 502 Bad Gateway"), "502 Bad Gateway"),
        (http.client.RemoteDisconnected("closed"), "closed"),
        (http.client.IncompleteRead(b""), "IncompleteRead"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_a_failure_that_may_pass_is_tried_again(error: Exception, words: str) -> None:
    found = failure(error, "http", HOST)
    assert isinstance(found, TryAgainError)
    assert words in str(found)


def test_strange_answers_over_tls_may_pass() -> None:
    assert isinstance(failure(http.client.BadStatusLine("?"), "https", HOST), TryAgainError)
