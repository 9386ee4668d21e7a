"""Package managers that an application, or the makers of the platform, declare in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.config.sources import PACKAGE_MANAGERS
from layerwright.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.config.sources import Sources
    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["with_declared"]


def with_declared(
    entry_points: Iterable[EntryPoint], sources: Sources, directory: Path, *, allowed: bool
) -> tuple[EntryPoint, ...]:
    """Return *entry_points*, and one for each declaration in *sources*, as if it were an installed plugin.

    The files of declarations are in *directory*. ``ConfigurationError``: a declaration has problems, or is the
    application's own and not *allowed*.
    """
    names = [key[1] for key in sources.keys if key[0] == PACKAGE_MANAGERS and len(key) > 1]
    # Only the strongest file with this name counts: declarations are not merged.
    raws = {name: sources.in_files((PACKAGE_MANAGERS, name))[0] for name in names}
    if not raws:
        return tuple(entry_points)
    refused = [raw.origin for raw in raws.values() if not (allowed or raw.given)]
    if refused:
        raise ConfigurationError(
            [
                f"{origin} declares a package manager, which applications may not do on this platform"
                for origin in refused
            ],
            remedy="Remove the tables, and use a package manager that a plugin of the platform provides.",
        )
    from layerwright.plugins._configured import declared

    return (*entry_points, *declared(raws, directory))
