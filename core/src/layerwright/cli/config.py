"""``layerwright config``, ``config set`` and ``use``: shows and changes the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.cli.application import application_directory
from layerwright.config.editing import edit, write
from layerwright.config.reading import configure
from layerwright.config.sources import read_sources
from layerwright.plugins.entry_points import disabled_plugins, disabled_tables, entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.own import with_declared
from layerwright.process.redaction import redacted
from layerwright.project import Project

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log
    from layerwright.plugins.host import Plugins

__all__ = ["change", "run", "use"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Show every setting with its value and origin."""
    project = Project(application_directory(arguments.app))
    plugins, left_out = _plugins(project, environment)
    configuration = configure(read_sources(project, environment).without(left_out), plugins.tables)
    rows = [(setting.key, _words(setting.value), setting.origin) for setting in configuration.settings]
    log.table(("key", "value", "from"), rows)
    _warn(plugins, log)
    return 0


def change(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Set one value."""
    return _write(arguments.app, arguments.key, arguments.value, log, environment)


def use(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Set the package manager."""
    return _write(arguments.app, "package-manager", arguments.manager, log, environment)


def _write(app: str, key: str, value: str, log: Log, environment: Mapping[str, str]) -> int:
    project = Project(application_directory(app))
    plugins, left_out = _plugins(project, environment)
    edited = edit(project, environment, plugins.tables, key, value, left_out=left_out)
    write(project, edited)
    log.line(edited.words)
    _warn(plugins, log)
    return 0


def _plugins(project: Project, environment: Mapping[str, str]) -> tuple[Plugins, frozenset[str]]:
    """Return the plugins, and the tables of those that are disabled."""
    sources = read_sources(project, environment)
    found = with_declared(entry_points(), sources, project.root, allowed=True)
    disabled = disabled_plugins(environment)
    return load_plugins(found, disabled=disabled), disabled_tables(found, disabled)


def _warn(plugins: Plugins, log: Log) -> None:
    for warning in plugins.warnings:
        log.warning(warning)


def _words(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        # Items of several words, such as commands, would run into each other.
        value = (", " if any(" " in item for item in value) else " ").join(value)
    # Redacted before the columns are aligned.
    return redacted(str(value))
