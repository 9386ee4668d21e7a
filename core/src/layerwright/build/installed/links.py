"""Refuses a virtual environment that needs the download cache, which is not available at launch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.build.layers.names import cache_layer
from layerwright.errors import UserError
from layerwright.output.words import some_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["refuse_links_to_caches"]


def refuse_links_to_caches(layer: Path, site_packages: Path, links: Iterable[str]) -> None:
    """Raise a ``UserError`` if *site_packages*, of *layer*, has links or paths to a download cache beside the layer.

    *links* are the symbolic links in it, relative to it.

    Some package managers can install like this. The environment then works only where the cache is.
    """
    # The prefix of the caches of all package managers, and those that are elsewhere.
    beside = layer.parent / cache_layer("")
    shared = (path for path in layer.parent.glob(f"{beside.name}*") if path.is_symlink())
    caches = (str(beside), *(str(path.resolve()) for path in shared))
    found = sorted(_files(site_packages, links, caches))
    if not found:
        return
    raise UserError(
        "The virtual environment needs the download cache, which is not available at launch.",
        cause=f"These lead into it: {some_words(found)}.",
        remedy=(
            "Configure the package manager to install copies or hard links instead of links to its cache.",
            "Then build again.",
        ),
        reference="environment-links-to-cache",
    )


def _files(site_packages: Path, links: Iterable[str], caches: tuple[str, ...]) -> Iterator[str]:
    """Yield those of *links*, and of the ``.pth`` files, that lead to a path that begins with one of *caches*."""
    for name in links:
        path = site_packages / name
        # Resolve only the first link: it decides whether the environment works without the cache.
        if os.path.normpath(path.parent / path.readlink()).startswith(caches):
            yield name
    for path in site_packages.glob("*.pth"):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if any(line.startswith(caches) for line in lines):
            yield path.name
