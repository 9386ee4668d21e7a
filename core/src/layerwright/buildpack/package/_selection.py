"""Selects the distributions of a buildpack.

Core and the plugins are those that are installed here. All others, and those of them that a requirements file locks,
come from the package index, verified by hashes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layerwright.buildpack.package._fit import refuse_unknown_plugins, refuse_unmet_requirements
from layerwright.buildpack.package._installed import (
    check_distribution,
    editable_source,
    find_distributions,
    label,
)
from layerwright.buildpack.package.locks import RUNTIME, Pin, pinned
from layerwright.plugins.entry_points import PLUGIN_GROUP, entry_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.metadata import Distribution
    from pathlib import Path

__all__ = ["Selection", "plugin_names", "select_distributions"]

_CORE: Final = "layerwright"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The distributions of a buildpack: those to copy, those to build from their editable source, and locked ones.

    ``built`` has that source by the label of the distribution. ``left_out`` are the installed plugins that neither
    the source nor the command line names.
    """

    copied: tuple[Distribution, ...]
    built: Mapping[str, Path]
    pins: tuple[Pin, ...]
    plugins: tuple[str, ...]
    left_out: tuple[Distribution, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Lines for the log."""
        return (
            *(f"{label(one)}, as it is installed here" for one in self.copied),
            *(f"{name}, built from {source}" for name, source in self.built.items()),
            *(f"{pin.name} {pin.version}, by its hashes" for pin in self.pins),
        )

    @property
    def difference(self) -> str:
        """A warning that the buildpack differs from Layerwright here; empty if it does not."""
        if not self.left_out:
            return ""
        options = " ".join(f"--plugin {one.metadata['Name']}" for one in self.left_out)
        return (
            f"Installed here but not part of this buildpack: {', '.join(map(label, self.left_out))}.\n"
            f"Images are built without them. To include them: {options}"
        )


def select_distributions(
    plugins: Sequence[str],
    requirements: Sequence[Path],
    markers: Mapping[str, str],
    *,
    path: Iterable[str] | None = None,
    runtime: Path = RUNTIME,
) -> Selection:
    """Return the distributions of a buildpack with *plugins* and the locked *requirements*, without changing anything.

    *path* is where installed distributions are searched, by default ``sys.path``. ``UserError``: a plugin is unknown,
    or a requirement is not locked, or locked in another version or for another Python. ``SiteError``: an installed
    distribution has changed since it was installed.
    """
    from packaging.utils import canonicalize_name

    pins: dict[str, Pin] = {**pinned([runtime], markers), **pinned(requirements, markers)}
    path = None if path is None else tuple(path)
    names = tuple(dict.fromkeys(canonicalize_name(name) for name in plugins))
    found = find_distributions(path)
    known = plugin_names(path) & found.keys()
    refuse_unknown_plugins([name for name in names if name not in known and name not in pins], known)
    here = {name: found[name] for name in (_CORE, *names) if name not in pins}
    refuse_unmet_requirements(
        here.values(),
        {name: pin.version for name, pin in pins.items()} | {name: one.version for name, one in here.items()},
        markers,
    )
    sources = {name: editable_source(one) for name, one in here.items()}
    copied = tuple(one for name, one in here.items() if sources[name] is None)
    for one in copied:
        check_distribution(one)
    return Selection(
        copied=copied,
        built={label(here[name]): source for name, source in sources.items() if source is not None},
        pins=tuple(pins[name] for name in sorted(pins)),
        plugins=names,
        left_out=tuple(found[name] for name in sorted(known - pins.keys() - set(names))),
    )


def plugin_names(path: Iterable[str] | None = None) -> set[str]:
    """Return the normalised names of the plugins that are installed on *path* (default: ``sys.path``)."""
    from packaging.utils import canonicalize_name

    return {canonicalize_name(e.distribution) for e in entry_points(path) if e.group == PLUGIN_GROUP}
