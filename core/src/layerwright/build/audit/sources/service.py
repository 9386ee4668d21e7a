"""The service that answers which records are about a version: https://google.github.io/osv.dev/api/.

It gets the names and versions of the distributions.
"""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from layerwright.build.audit.advisory import RecordError, read_advisory
from layerwright.build.audit.sources._http import json_of, unreachable
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from layerwright.build.audit.advisory import Advisory

__all__ = ["Service"]

_AT_ONCE: Final = 1000
_TOGETHER: Final = 8
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


class Service:
    """The service at *url*. Its answers count as equal on one day (UTC)."""

    modified: Final = ""

    def __init__(self, url: str, *, now: Callable[[], float] = time.time) -> None:
        self._url: Final = url.rstrip("/")
        self.words: Final = redacted(self._url)
        self.digest: Final = f"{self.words} {time.strftime('%Y-%m-%d', time.gmtime(now()))}"

    def about(self, distributions: Iterable[tuple[str, str]]) -> Sequence[Advisory]:
        """Return the records about the versions of *distributions*."""
        asked = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
            for name, version in sorted(set(distributions))
        ]
        found: set[str] = set()
        while asked:
            asked, batch = asked[_AT_ONCE:], asked[:_AT_ONCE]
            ids, more = self._batch(batch)
            found |= ids
            asked = [*more, *asked]
        with ThreadPoolExecutor(_TOGETHER) as pool:
            read = list(pool.map(self._record, sorted(found)))
        return [one for one in read if not one.withdrawn]

    def _batch(self, queries: Sequence[dict[str, Any]]) -> tuple[set[str], list[dict[str, Any]]]:
        """Return the identifiers in the answer to *queries*, and the queries for what did not fit into it."""
        url = f"{self._url}/v1/querybatch"
        results = json_of(url, {"queries": queries}).get("results")
        if not isinstance(results, list) or len(results) != len(queries):
            raise unreachable(
                url, f"It answers {len(queries)} questions with something else.", transient=False
            )
        found, more = set(), []
        for query, result in zip(queries, results, strict=True):
            table = result if isinstance(result, dict) else {}
            found |= {str(one.get("id")) for one in table.get("vulns") or () if isinstance(one, dict)}
            if table.get("next_page_token"):
                more.append({**query, "page_token": table["next_page_token"]})
        wrong = sorted(one for one in found if not _ID.fullmatch(one))
        if wrong:
            raise unreachable(url, f"It names {wrong[0]!r}, which is no identifier.", transient=False)
        return found, more

    def _record(self, identity: str) -> Advisory:
        url = f"{self._url}/v1/vulns/{quote(identity)}"
        try:
            return read_advisory(json_of(url))
        except RecordError as error:
            raise unreachable(url, f"The answer is not a record: {error}.", transient=False) from error
