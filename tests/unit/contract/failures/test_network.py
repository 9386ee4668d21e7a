from __future__ import annotations

import pytest

from layerwright import install_diagnoses
from layerwright.process.failures.diagnosis import diagnosed

DIAGNOSES = install_diagnoses(index="ACME_INDEX", certificates="ACME_CERT")
URL = "https://example.com/simple/acme/"


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        (f"ERROR: HTTP error 403 while getting {URL}", "index-forbidden"),
        (
            f"Could not fetch URL {URL}: 401 Client Error: Unauthorized for url: {URL} - skipping",
            "index-login",
        ),
        ("(Caused by ResponseError('too many 503 error responses'))", "index-failing"),
        (f"cause: HTTP status client error (429 Too Many Requests) for url ({URL})", "index-busy"),
        (f"hint: An index ({URL}) returned a 403 Forbidden error.", "index-forbidden"),
        ("of valid authentication credentials (401 Unauthorized).", "index-login"),
        (f"httpx.HTTPStatusError: Client error '404 Not Found' for url '{URL}'", "archive-not-found"),
        (f"Failed to collect links from {URL}: Server Error(502): Bad Gateway", "index-failing"),
        ("Caused by: tunnel error: proxy authorization required", "proxy-login"),
        (f"407 Client Error: Proxy Authentication Required for url: {URL}", "proxy-login"),
        ("cause: invalid peer certificate: UnknownIssuer", "index-certificate"),
        ("httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify", "index-certificate"),
        ("cause: error resolving DNS", ""),
        ("cause: client error (Connect)\n  cause: dns error", "index-unreachable"),
        ("Failed to establish a new connection: [Errno 111] Connection refused", "index-unreachable"),
        ("httpx.ReadTimeout: timed out", "index-unreachable"),
        ("Connection broken: IncompleteRead(50 bytes read, 948 more expected)", "index-unreachable"),
        ("cause: end of file before message length reached", "index-unreachable"),
        # An attempt after which there was another.
        ("WARNING: Retrying (Retry(total=4)) after connection broken by 'Read timed out.': /simple/", ""),
        # What an index lacks need not be an archive.
        (f"Could not fetch URL {URL}: 404 Client Error: Not Found for url: {URL} - skipping", ""),
    ],
)
def test_the_words_of_every_http_library_are_understood(line: str, reference: str) -> None:
    found = diagnosed(DIAGNOSES, f"before\n  {line}\nafter\n")
    assert (found.diagnosis.reference if found else "") == reference
    if found:
        transient = reference in {"index-busy", "index-failing", "index-unreachable"}
        assert found.diagnosis.transient == transient


def test_remedies_name_the_settings_of_the_tool() -> None:
    texts = " ".join(step for diagnosis in DIAGNOSES for step in diagnosis.remedy)
    assert "ACME_INDEX" in texts
    assert "ACME_CERT" in texts
