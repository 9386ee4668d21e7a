"""Asks package indexes about projects, by the simple API in JSON (PEP 691, 700, 792)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from layerwright.build.policy.candidate import Archive
from layerwright.errors import SiteError
from layerwright.files.frozen import frozen
from layerwright.process.authority import request_to
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Index", "Page", "pages_of", "read_page"]

_JSON: Final = "application/vnd.pypi.simple.v1+json"
_AT_ONCE: Final = 16
_SECONDS: Final = 30
_LARGEST: Final = 64_000_000
_GONE: Final = frozenset({404, 410})
_TRIES: Final = 3
# The variables with which installers are told whom to trust.
_CERTIFICATES: Final = ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE")
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@frozen
class Page:
    """What an index says about a project, which is empty if it does not have that.

    ``unreadable`` says why it says nothing, for example that it has no JSON.
    """

    archives: tuple[Archive, ...] = ()
    status: str = ""
    status_reason: str = ""
    unreadable: str = ""


class Index:
    """A package index, with the credentials in its *url*, or those that ``.netrc`` has for its host."""

    def __init__(self, url: str, environment: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        self._environment = environment
        self._url: Final = url
        self._host: Final = parts.hostname or ""
        self.shown: Final = redacted(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])))

    def page(self, project: str) -> Page:
        """Return the page of *project*, a normalised name. ``SiteError``: the index does not answer."""
        from http.client import HTTPException
        from urllib.error import HTTPError, URLError

        url = urljoin(f"{self._url.rstrip('/')}/", f"{project}/")
        if urlsplit(url).scheme not in ("http", "https"):
            return Page(unreadable=f"{self.shown} is not served by HTTP")
        request = request_to(url, {"Accept": f"{_JSON}, text/html;q=0.1"}, login=self._in_netrc())
        for last in (attempt == _TRIES for attempt in range(1, _TRIES + 1)):
            try:
                return self._read(request)
            except HTTPError as error:
                error.close()
                if error.code in _GONE:
                    return Page()
                if last or error.code not in _AGAIN:
                    raise self._silent(project, f"It answers {error.code} {error.reason}.", error) from error
            except (URLError, OSError, HTTPException) as error:
                if last:
                    raise self._silent(project, f"{getattr(error, 'reason', error)}.", error) from error
        raise AssertionError  # pragma: no cover  # the last attempt returns or raises

    def _read(self, request: Any) -> Page:
        from ssl import create_default_context
        from urllib.request import urlopen

        trusted = next(filter(None, map(self._environment.get, _CERTIFICATES)), None)
        context = create_default_context(cafile=trusted) if trusted else None
        with urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310  # checked by the caller
            kind = answer.headers.get_content_type()
            content = answer.read(_LARGEST)
        if not kind.endswith("+json"):
            return Page(unreadable=f"{self.shown} has no JSON (PEP 691)")
        return read_page(content, self.shown)

    def _in_netrc(self) -> tuple[str, str]:
        from netrc import NetrcParseError, netrc

        home = self._environment.get("HOME", "")
        file = self._environment.get("NETRC", "") or os.path.join(home, ".netrc")  # noqa: PTH118  # names
        try:
            found = netrc(file).authenticators(self._host)
        except (OSError, NetrcParseError, ValueError):
            # The package manager, which reads it as well, reports it.
            return "", ""
        return (found[0], found[2] or "") if found else ("", "")

    def _silent(self, project: str, cause: str, error: Exception) -> SiteError:
        refused = getattr(error, "code", 0) in (401, 403)
        return SiteError(
            f"The package index {self.shown} could not be asked about {project}.",
            cause=f"{cause} The policy needs to know what it says about the distributions to install.",
            remedy="Add credentials for the index: to its URL, or to .netrc."
            if refused
            else "Check that the index can be reached from here, then build again.",
            reference="policy-index-unreachable",
            transient=not refused,
        )


def pages_of(wanted: Iterable[tuple[Index, str]]) -> list[Page]:
    """Return the page of each project on its index, in order; several are asked for at the same time."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(lambda one: one[0].page(one[1]), wanted))


def read_page(content: bytes, shown: str) -> Page:
    """Return the page in *content*, JSON of the index *shown*; what has another type than it should is left out."""
    try:
        page: Any = json.loads(content)
    except (ValueError, RecursionError):
        return Page(unreadable=f"{shown} sends JSON that cannot be read")
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        return Page(unreadable=f"{shown} sends JSON that is no page of a project")
    project = page.get("project-status")
    status = project if isinstance(project, dict) else {}
    return Page(
        archives=tuple(_archive(one) for one in page["files"] if isinstance(one, dict)),
        status=_text(status.get("status")),
        status_reason=_text(status.get("reason")),
    )


def _archive(one: dict[str, Any]) -> Archive:
    hashes, yanked = one.get("hashes"), one.get("yanked")
    return Archive(
        filename=_text(one.get("filename")),
        hashes=frozenset(f"{key}:{value}".lower() for key, value in hashes.items())
        if isinstance(hashes, dict)
        else frozenset(),
        uploaded=_text(one.get("upload-time")),
        yanked=None if yanked in (None, False) else _text(yanked),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
