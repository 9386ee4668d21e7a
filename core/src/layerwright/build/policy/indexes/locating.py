"""Finds distributions on package indexes, and adds what these say about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import Origin
from layerwright.build.policy.gathering import narrowed
from layerwright.build.policy.indexes.index import Index, Page, pages_of
from layerwright.build.policy.rule import Asked
from layerwright.contract.sources.index import same_index
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from layerwright.build.policy.candidate import Archive, Candidate

__all__ = ["Indexes"]

_NOT_KEPT: Final = Page(unreadable="the bundle does not have what its index says, because no rule needed it")


class Indexes:
    """The package indexes of a build, *urls* in the order in which they are asked, and what they have said.

    *kept* is what they said when a bundle was fetched: then these are the indexes, and nothing is asked.
    """

    def __init__(
        self,
        urls: Sequence[str],
        environment: Mapping[str, str],
        kept: Mapping[Asked, Page] | None = None,
    ) -> None:
        self._environment = environment
        self._is_kept = kept is not None
        self.pages: dict[Asked, Page] = dict(kept or {})
        if self._is_kept:
            urls = tuple(dict.fromkeys(asked.url for asked in self.pages))
        self._known = [Index(url, environment) for url in urls]
        self._named: dict[str, Index] = {}

    def ask(self, wanted: Iterable[Asked], candidates: Iterable[Candidate]) -> None:
        """Look up the pages that are *wanted* and not known yet, of *candidates*. ``SiteError``: an index is silent."""
        found = {one.name: one.index for one in candidates}
        due: dict[Asked, Index] = {}
        for one in wanted:
            url = one.url or found.get(one.project, "")
            for index in [self._of(url)] if url else self._known:
                due[Asked(one.project, url or index.shown)] = index
        due = {asked: index for asked, index in due.items() if asked not in self.pages}
        if self._is_kept:
            self.pages.update(dict.fromkeys(due, _NOT_KEPT))
            return
        pages = pages_of([(index, asked.project) for asked, index in due.items()])
        self.pages.update(zip(due, pages, strict=True))

    def located(self, one: Candidate, minor: str) -> Candidate:
        """Return *one* with what the pages say about it; unchanged if it comes from no index or none was asked."""
        if one.origin is not Origin.INDEX:
            return one
        urls = [one.index] if one.index else [index.shown for index in self._known]
        pages = [(url, page) for url in urls if (page := self.pages.get(Asked(one.name, url))) is not None]
        if not pages:
            return replace(one, unseen="no index is known") if not urls else one
        silent = [page.unreadable for _, page in pages if page.unreadable]
        for url, page in pages:
            archives = _matching(one, page.archives)
            if archives:
                return narrowed(
                    replace(
                        one,
                        # Where several are asked, the first that has the archive is as good as another.
                        index=url,
                        archives=tuple(archives),
                        status=page.status,
                        status_reason=page.status_reason,
                        unseen="",
                    ),
                    minor,
                )
        there = next((page for _, page in pages if page.status), None)
        return replace(
            one,
            only_index=urls[0] if silent and len(urls) == 1 else "",
            status=there.status if there else "",
            status_reason=there.status_reason if there else "",
            unseen=silent[0] if silent else f"it is not on {' or '.join(url for url, _ in pages)}",
        )

    def _of(self, url: str) -> Index:
        """Return the index at *url*: a known one, which may have credentials, or one without."""
        known = next((index for index in self._known if same_index(index.shown, url)), None)
        return known or self._named.setdefault(redacted(url), Index(url, self._environment))


def _matching(one: Candidate, archives: Sequence[Archive]) -> list[Archive]:
    """Return those of *archives*, of an index, that *one* may be installed from, with what was known of them."""
    if not one.archives:
        return [archive for archive in archives if _has_version(archive.filename, one.version)]
    found = []
    for mine in one.archives:
        for archive in archives:
            same = mine.hashes & archive.hashes if mine.hashes else mine.filename == archive.filename
            if same:
                found.append(replace(archive, uploaded=mine.uploaded or archive.uploaded))
    return list(dict.fromkeys(found))


def _has_version(filename: str, version: str) -> bool:
    from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename
    from packaging.utils import parse_wheel_filename as parse_wheel
    from packaging.version import InvalidVersion, Version

    try:
        found = (parse_wheel if filename.endswith(".whl") else parse_sdist_filename)(filename)[1]
        return found == Version(version)
    except (InvalidVersion, InvalidSdistFilename, InvalidWheelFilename):
        return False
