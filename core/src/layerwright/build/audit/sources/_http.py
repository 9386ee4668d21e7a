"""Requests to a mirror or a service: JSON, or a file; credentials of a URL go to its host alone."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.audit.sources.database import database_error
from layerwright.process.authority import request_to
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright.errors import SiteError

__all__ = ["BROKEN", "answered", "json_of", "unreachable"]

_TIMEOUT: Final = 60
_MAY_PASS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_LARGEST: Final = 64 << 20

BROKEN: Final = (OSError, http.client.HTTPException)
"""What a connection may raise that breaks."""


@contextmanager
def answered(url: str, headers: Mapping[str, str], body: bytes | None = None) -> Iterator[Any]:
    """Yield the answer to a request for *url*, or with a *body* to a POST of it; 304 is an answer.

    ``SiteError``: there is none.
    """
    try:
        answer = urllib.request.urlopen(request_to(url, headers, body), timeout=_TIMEOUT)  # noqa: S310  # open_database
    except urllib.error.HTTPError as error:
        if error.code != http.client.NOT_MODIFIED:
            error.close()
            raise unreachable(
                url, f"The server answered {error.code} {error.reason}.", transient=error.code in _MAY_PASS
            ) from error
        answer = error
    except urllib.error.URLError as error:
        raise unreachable(url, f"{error.reason}.") from error
    except (ValueError, http.client.InvalidURL) as error:
        raise unreachable(url, f"It is not a URL: {error}.", transient=False) from error
    except BROKEN as error:
        raise unreachable(url, f"{type(error).__name__}: {error}.") from error
    with answer:
        yield answer


def json_of(url: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON object with which *url* answers, to a POST of *body* if there is one. ``SiteError``: none."""
    headers = {"Accept": "application/json"}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        data = json.dumps(body).encode()
    with answered(url, headers, data) as answer:
        try:
            found = json.loads(answer.read(_LARGEST))
        except BROKEN as error:
            raise unreachable(url, f"The connection broke: {error}.") from error
        except (ValueError, RecursionError) as error:
            raise unreachable(url, f"The answer is not complete JSON: {error}.") from error
    if not isinstance(found, dict):
        raise unreachable(url, "The answer is not a JSON object.", transient=False)
    return found


def unreachable(url: str, cause: str, *, transient: bool = True) -> SiteError:
    """Return the error that *url* gives no answer, or another one than it should."""
    return database_error(
        f"The vulnerability database {redacted(url)} could not be read.",
        redacted(cause),
        (
            "Check that this machine can reach the URL above (HTTPS_PROXY and NO_PROXY are honoured).",
            "Or name a directory or an archive with the dump of the database.",
        ),
        transient=transient,
    )
