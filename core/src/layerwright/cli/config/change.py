"""``layerwright config set``, ``config unset`` and ``use``: change the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cli.config._loaded import load_for
from layerwright.config.editing.change import edit, removal, write
from layerwright.config.sources import PACKAGE_MANAGER

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run", "unset", "use"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Set one value."""
    return _set(arguments.app, arguments.key, arguments.value, log, environment)


def use(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Set the package manager."""
    return _set(arguments.app, *PACKAGE_MANAGER, arguments.manager, log, environment)


def unset(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Remove one value, or a table."""
    loaded = load_for(arguments.app, arguments.key, environment)
    change = removal(
        loaded.project, environment, loaded.plugins.tables, arguments.key, left_out=loaded.left_out
    )
    write(loaded.project, change)
    loaded.tell_choice(log)
    log.line(change.words)
    loaded.warn(log)
    return 0


def _set(app: str | None, key: str, value: str, log: Log, environment: Mapping[str, str]) -> int:
    loaded = load_for(app, key, environment)
    change = edit(loaded.project, environment, loaded.plugins.tables, key, value, left_out=loaded.left_out)
    write(loaded.project, change)
    loaded.tell_choice(log)
    log.line(change.words)
    loaded.warn(log)
    return 0
