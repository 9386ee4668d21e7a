"""What a build changes in the virtual environment, for its log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.build.installed.dist_info import DIST_INFO
from layerwright.contract.names import normalised_name
from layerwright.output.events import Installed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["changes", "versions_in"]


def versions_in(layer: Path) -> dict[str, str]:
    """Return the version of each distribution in the virtual environment *layer*, of whatever Python that is."""
    found = {}
    for site_packages in layer.glob("lib/python*/site-packages"):
        # The names of directories are enough, and a build with nothing changed reads them too.
        for entry in os.listdir(site_packages):  # noqa: PTH208  # names alone
            if entry.endswith(DIST_INFO):
                name, _, version = entry.removesuffix(DIST_INFO).rpartition("-")
                found[normalised_name(name)] = version
    return found


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Installed:
    """Return the differences between two environments, by the names of distributions."""
    return Installed(
        tuple(
            (name, before.get(name, ""), after.get(name, ""))
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        ),
        after,
    )
