"""What every command about the configuration needs: the application and the plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.cli.application import application_path
from layerwright.config.application import Application, choose_application
from layerwright.config.scripts import open_project
from layerwright.config.sources import APP_DIR, Sources, read_sources
from layerwright.plugins.entry_points import disabled_plugins, disabled_tables, entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.own import with_declared

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.config.application import Choice
    from layerwright.files.project import Project
    from layerwright.output.log import Log
    from layerwright.plugins.host import Plugins

__all__ = ["Loaded", "load", "load_for"]


class Loaded(NamedTuple):
    """The application, its configuration as it is written, the plugins, and the tables of disabled plugins.

    ``choice`` says why the application is a directory in its source tree.
    """

    project: Project
    choice: Choice | None
    sources: Sources
    plugins: Plugins
    left_out: frozenset[str]

    def tell_choice(self, log: Log) -> None:
        """Print which directory of the source tree is the application, if it is not the tree itself."""
        if self.choice is not None:
            log.line(f"Application directory: {self.choice.words}")

    def warn(self, log: Log) -> None:
        """Warn of plugins that could not be loaded."""
        for warning in self.plugins.warnings:
            log.warning(warning)


def load(
    app: str | None, environment: Mapping[str, str], *, option: str | None = None, exact: bool = False
) -> Loaded:
    """Return what is known of the application in *app*, by default the current directory.

    *option* may choose a directory in it. With *exact*, nothing chooses one.
    """
    tree = application_path(app or ".")
    project, choice = (
        Application(open_project(tree, environment))
        if exact
        else choose_application(tree, environment, option=option)
    )
    sources = read_sources(project, environment)
    found = with_declared(entry_points(), sources, project.root, allowed=True)
    disabled = disabled_plugins(environment)
    plugins = load_plugins(found, disabled=disabled)
    return Loaded(project, choice, sources, plugins, disabled_tables(found, disabled))


def load_for(app: str | None, key: str, environment: Mapping[str, str]) -> Loaded:
    """Return what is known of the application whose setting *key* is meant: in *app*, if that is named."""
    # A directory that is named is meant as it is, and only the top of a tree chooses the application in it.
    return load(app, environment, exact=app is not None or key == APP_DIR[0])
