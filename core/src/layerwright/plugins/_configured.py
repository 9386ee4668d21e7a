"""Declarations in the configuration, as entry points of loaded plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.contract.hooks import hookimpl
from layerwright.errors import ConfigurationError
from layerwright.plugins.declarative.read import read_table
from layerwright.plugins.entry_points import (
    CONCLUSIVE_GROUP,
    EVIDENCE_GROUP,
    PLUGIN_GROUP,
    REFINES_GROUP,
    EntryPoint,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.config.sources import Raw
    from layerwright.contract.package_manager import PackageManager
    from layerwright.plugins.declarative.manager import DeclaredPackageManager

__all__ = ["declared"]


class _Declared(NamedTuple):
    """A plugin with the one package manager of a declaration."""

    manager: PackageManager

    @hookimpl
    def layerwright_package_managers(self) -> Iterable[PackageManager]:
        return (self.manager,)


def declared(raws: Mapping[str, Raw], directory: Path) -> list[EntryPoint]:
    """Return the entry points of the declarations *raws*, by name, whose files are in *directory*.

    All mistakes are in one ``ConfigurationError``.
    """
    found: list[EntryPoint] = []
    problems: list[str] = []
    for name, raw in raws.items():
        if not isinstance(raw.value, dict):
            problems.append(f"{raw.origin} must be a table")
        elif raw.value.get("name", name) != name:
            problems.append(f'{raw.origin}.name must be "{name}", as the table is called, or left out')
        else:
            read = read_table(
                {**raw.value, "name": name}, prefix=f"{raw.origin}.", directory=directory, in_build=True
            )
            problems.extend(read.problems)
            if read.manager is not None:
                found.extend(_entry_points(read.manager, raw.origin))
    if problems:
        raise ConfigurationError(problems)
    return found


def _entry_points(manager: DeclaredPackageManager, origin: str) -> list[EntryPoint]:
    file, _, key = origin.partition(": ")
    plugin = EntryPoint(PLUGIN_GROUP, manager.name, key, file, f"[{key}]", _Declared(manager))
    detect = manager.declaration.detect
    # A file that the application itself declares is conclusive: it can only be meant for that package manager.
    groups = {
        CONCLUSIVE_GROUP: detect.files,
        EVIDENCE_GROUP: detect.evidence,
        REFINES_GROUP: detect.refines,
    }
    return [plugin, *(plugin._replace(group=g, name=name) for g, names in groups.items() for name in names)]
