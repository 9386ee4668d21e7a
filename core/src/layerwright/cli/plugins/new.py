"""``layerwright plugins new``: creates a plugin to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.cli.plugins._skeleton import distribution_name, skeleton, write_files
from layerwright.plugins.entry_points import PLUGIN_GROUP, entry_points

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Create the given plugin, and print the next commands."""
    del environment
    name, distribution = arguments.name, distribution_name(arguments.name)
    files = skeleton(name, arguments.kind)
    directory = Path(arguments.output or distribution)
    write_files(files, directory)
    log.heading(f"{distribution}, in {directory}")
    for file in files:
        log.note(file)
    for there in entry_points():
        if there.group == PLUGIN_GROUP and name in (there.name, there.distribution):
            log.warning(f"{there.label} is installed, and already has the name {name}.")
    log.heading("Next")
    for command in (
        f"cd {shlex.quote(str(directory))}",
        'python -m pip install --editable ".[test]"',
        "python -m pytest",
    ):
        log.command(command)
    return 0
