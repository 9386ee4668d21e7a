"""What a build changes in the virtual environment, for its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.installed.dist_info import names_in
from layerwright.output.events import Installed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["changes", "versions_in"]


def versions_in(layer: Path) -> dict[str, str]:
    """Return the version of each distribution in the virtual environment *layer*, of whatever Python that is."""
    return {
        name: version
        for site_packages in sorted(layer.glob("lib/python*/site-packages"))
        for name, version in sorted(names_in(site_packages))
    }


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> Installed:
    """Return the differences between two environments, by the names of distributions."""
    return Installed(
        tuple(
            (name, before.get(name, ""), after.get(name, ""))
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name)
        )
    )
