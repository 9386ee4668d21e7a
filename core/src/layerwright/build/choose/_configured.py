"""Loads the plugins that a build needs, with the configuration that they model."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from layerwright.config.reading import CORE_TABLES, configure
from layerwright.contract.values.project import ProjectRequest
from layerwright.errors import ConfigurationError, UserError
from layerwright.plugins.blame import blaming, checked_value
from layerwright.plugins.entry_points import PLUGIN_GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.config.reading import Configuration
    from layerwright.config.sources import Sources
    from layerwright.contract.package_manager import PackageManager
    from layerwright.files.project import Project
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.plugins.host import Plugins
    from layerwright.plugins.loading import Loader

__all__ = ["Chosen", "configured"]


class Chosen(NamedTuple):
    """The package manager, the others whose tools it uses, the plugins and the configuration."""

    manager: PackageManager
    others: tuple[PackageManager, ...]
    plugins: Plugins
    configuration: Configuration


def configured(
    name: str, project: Project, found: Sequence[EntryPoint], loader: Loader, sources: Sources
) -> Chosen:
    """Return the package manager *name* with its settings, and the plugins that the build needs."""
    plugins, configuration = _configured(found, loader, sources, name)
    manager = plugins.package_manager(name)
    about = ProjectRequest(project=project, settings=configuration.tools[name])
    wanted = _also_used(plugins, manager, about)
    if wanted:
        plugins, configuration = _configured(found, loader, sources, name, *wanted)
        manager = plugins.package_manager(name)
    others = tuple(_other(plugins, manager, other) for other in wanted)
    return Chosen(manager, others, plugins, configuration)


def _configured(
    found: Sequence[EntryPoint], loader: Loader, sources: Sources, *names: str
) -> tuple[Plugins, Configuration]:
    """Return the plugins that are needed, and the configuration with their tables.

    They are those with the package managers *names*, and those for which the configuration has a table. Asking the
    others takes time, so it is done only if a name is unknown or something is wrong.
    """
    known = {e.name for e in found if e.group == PLUGIN_GROUP}
    tables = {key[0] for key in sources.keys if len(key) > 1} - CORE_TABLES
    tables |= {name for name in known if sources.keys_in(name)}
    wanted = {*names, *tables} - sources.left_out
    if wanted <= known:
        plugins = loader.plugins(only=wanted)
        with suppress(ConfigurationError):
            return plugins, configure(sources, plugins.tables)
    plugins = loader.plugins()
    plugins.refuse_broken(wanted)
    return plugins, configure(sources, plugins.tables)


def _also_used(plugins: Plugins, manager: PackageManager, about: ProjectRequest) -> tuple[str, ...]:
    label = plugins.provider(manager.name).label
    with blaming(label, "also_uses"):
        names = manager.also_uses(about)
    return checked_value(names, tuple, label, "also_uses")


def _other(plugins: Plugins, manager: PackageManager, name: str) -> PackageManager:
    """Return the package manager *name*, which *manager* uses; ``UserError``: it is not installed."""
    if name in plugins.package_managers or any(b.entry_point.name == name for b in plugins.broken):
        return plugins.package_manager(name)
    there = ", ".join(sorted(plugins.package_managers))
    raise UserError(
        f'The package manager "{name}" is not installed.',
        cause=f"The settings of {manager.display_name} require it. Installed package managers: {there}.",
        remedy=(
            f"Install the plugin that provides it (layerwright-{name}, by convention),",
            f"or change the settings of {manager.display_name}.",
        ),
        reference="unknown-package-manager",
    )
