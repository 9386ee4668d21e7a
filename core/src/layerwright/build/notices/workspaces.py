"""Applications that are a member of a workspace, with the lock file in a directory above."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError
from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, PLUGIN_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from layerwright.files.project import Project
    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["locked_above"]

_PROJECT_FILE: Final = "pyproject.toml"
_LEVELS: Final = 5
_MEMBER: Final = "package"
"""The setting that names the member of a workspace."""


def locked_above(project: Project, entry_points: Iterable[EntryPoint]) -> UserError | None:
    """Return what to build instead of *project*, if a directory above it has a lock file that supports members.

    Such a package manager has a setting ``package``. To check that, its plugin is imported.
    """
    if not project.exists(_PROJECT_FILE):
        return None
    entry_points = tuple(entry_points)
    found = (
        (directory, evidence.name, plugin)
        for directory, evidence in _above(project, entry_points)
        for plugin in entry_points
        if plugin.group == PLUGIN_GROUP
        and plugin.module == evidence.module
        and _has_members(plugin, entry_points)
    )
    return next((_advice(project, *one) for one in found), None)


def _advice(project: Project, directory: Path, file: str, plugin: EntryPoint) -> UserError:
    import shlex

    place, member = shlex.quote(str(directory)), shlex.quote(_name(project))
    return UserError(
        "No package manager claims this application.",
        cause=f"{file} is in {directory}, not here. It locks a workspace, and this may be a member.",
        remedy=(
            f"Name the member: layerwright config set --app {place} {plugin.name}.{_MEMBER} {member}",
            f"Build that directory: layerwright build {place}",
        ),
        reference="nothing-detected",
    )


def _above(project: Project, entry_points: Iterable[EntryPoint]) -> Iterator[tuple[Path, EntryPoint]]:
    for directory in islice(project.root.parents, _LEVELS):
        for entry_point in entry_points:
            if entry_point.group == CONCLUSIVE_GROUP and (directory / entry_point.name).is_file():
                yield directory, entry_point


def _has_members(plugin: EntryPoint, entry_points: tuple[EntryPoint, ...]) -> bool:
    from layerwright.config.tables import keys_of
    from layerwright.plugins.loading import load_plugins

    plugins = load_plugins([e for e in entry_points if e.module == plugin.module])
    return any(_MEMBER in keys_of(manager.settings_model) for manager in plugins.package_managers.values())


def _name(project: Project) -> str:
    table = project.toml(_PROJECT_FILE).get("project")
    name = table.get("name") if isinstance(table, dict) else None
    return name if isinstance(name, str) else project.root.name
