"""Writes a package index as files: a page for each project, with relative links and hashes (PEP 503)."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import quote

from layerwright.build.fetch.bundle import ARCHIVES, INDEX
from layerwright.contract.names import normalised_name
from layerwright.files.digests import of_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["project_of", "write_index"]

_SOURCES = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


def write_index(bundle: Path) -> None:
    """Write the pages for the archives in *bundle*."""
    projects: dict[str, list[Path]] = {}
    for path in sorted((bundle / ARCHIVES).iterdir()):
        projects.setdefault(project_of(path.name), []).append(path)
    for name, paths in projects.items():
        page = bundle / INDEX / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_page(name, paths), encoding="utf-8")


def project_of(filename: str) -> str:
    """Return the normalised name of the project that has the archive *filename* (PEP 427, PEP 625)."""
    if filename.endswith(".whl"):
        return normalised_name(filename.partition("-")[0])
    stem = next((filename.removesuffix(end) for end in _SOURCES if filename.endswith(end)), filename)
    # The name of an old source archive may contain dashes.
    return normalised_name(stem.rpartition("-")[0] or stem)


def _page(name: str, paths: list[Path]) -> str:
    links = "".join(map(_link, paths))
    return f"<!DOCTYPE html>\n<html><head><title>{name}</title></head><body>\n{links}</body></html>\n"


def _link(path: Path) -> str:
    place = f"../../{ARCHIVES}/{quote(path.name)}#sha256={of_file(path).hexdigest()}"
    return f'<a href="{place}">{html.escape(path.name)}</a><br>\n'
