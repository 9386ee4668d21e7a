"""What every command about the configuration needs: the application and the plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.cli.application import application_directory
from layerwright.config.sources import Sources, read_sources
from layerwright.plugins.entry_points import disabled_plugins, disabled_tables, entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.own import with_declared
from layerwright.project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.output.log import Log
    from layerwright.plugins.host import Plugins

__all__ = ["Loaded", "load"]


class Loaded(NamedTuple):
    """The application, its configuration as it is written, the plugins, and the tables of disabled plugins."""

    project: Project
    sources: Sources
    plugins: Plugins
    left_out: frozenset[str]

    def warn(self, log: Log) -> None:
        """Warn of plugins that could not be loaded."""
        for warning in self.plugins.warnings:
            log.warning(warning)


def load(app: str, environment: Mapping[str, str]) -> Loaded:
    """Return what is known of the application directory *app*."""
    project = Project(application_directory(app))
    sources = read_sources(project, environment)
    found = with_declared(entry_points(), sources, project.root, allowed=True)
    disabled = disabled_plugins(environment)
    plugins = load_plugins(found, disabled=disabled)
    return Loaded(project, sources, plugins, disabled_tables(found, disabled))
