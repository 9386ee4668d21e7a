"""What package indexes said while there was a network, kept in a bundle for builds without one."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.policy.candidate import Archive
from layerwright.build.policy.indexes.index import Page
from layerwright.build.policy.rule import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["PAGES", "pages_text", "read_pages"]

PAGES: Final = "policy.json"
"""The name of the file, beside the pages of the bundle's own index."""


def pages_text(pages: Mapping[Asked, Page]) -> str:
    """Return *pages* as the text of a file."""
    entries = [
        {"project": asked.project, "index": asked.url, **_plain(page)} for asked, page in pages.items()
    ]
    return json.dumps(entries, indent=1, sort_keys=True) + "\n"


def read_pages(file: Path) -> dict[Asked, Page]:
    """Return the pages in *file*, whose contents were verified; none if a bundle has no such file."""
    try:
        entries: list[Any] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    return {Asked(one.pop("project"), one.pop("index")): _page(one) for one in entries}


def _plain(page: Page) -> dict[str, Any]:
    archives = [{**asdict(one), "hashes": sorted(one.hashes)} for one in page.archives]
    return {**asdict(page), "archives": archives}


def _page(entry: dict[str, Any]) -> Page:
    archives = (Archive(**{**one, "hashes": frozenset(one["hashes"])}) for one in entry["archives"])
    return Page(**{**entry, "archives": tuple(archives)})
