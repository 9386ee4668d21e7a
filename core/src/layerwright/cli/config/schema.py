"""``layerwright config schema``: prints the JSON Schema of the configuration."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from layerwright.cli.config._loaded import load
from layerwright.config.schema import schema_of
from layerwright.plugins.declarative.read import Declaration
from layerwright.plugins.entry_points import disabled_plugins, entry_points
from layerwright.plugins.loading import load_plugins

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Print the schema for the given file, with the installed plugins and those that the application declares."""
    if arguments.app is None:
        plugins = load_plugins(entry_points(), disabled=disabled_plugins(environment))
    else:
        plugins = load(arguments.app, environment, exact=True).plugins
    schema = schema_of(f"{arguments.file}.toml", plugins.tables, Declaration)
    log.line(json.dumps(schema, indent=2, ensure_ascii=False))
    return 0
