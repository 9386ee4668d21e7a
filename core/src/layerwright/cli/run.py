"""``layerwright run``: runs a process of the built application."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.cli.application import platform
from layerwright.output.log import Log, wants_colour

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

__all__ = ["run", "split"]


def run(arguments: Namespace, _log: Log, environment: Mapping[str, str]) -> int:
    """Replace this process; the returned value is never used."""
    app, process = split(arguments.app, arguments.process)
    # Standard output belongs to the process; messages before its start go elsewhere.
    log = Log(sys.stderr, colour=wants_colour(sys.stderr, environment))
    launch = platform(app, arguments.layers, environment).launch(log, process, arguments.arguments)
    os.chdir(launch.directory)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and ignored signals would stay ignored in the process that replaces this one.
        signal.signal(number, signal.SIG_DFL)
    os.execve(launch.argv[0], launch.argv, launch.environment)  # noqa: S606  # that is what the command is for


def split(first: str | None, second: str | None) -> tuple[str, str | None]:
    """Return the application directory and the process for two optional words.

    A single word is a directory if one of that name exists, and otherwise a process of the current directory.
    """
    if first is None:
        return ".", None
    if second is not None or Path(first).is_dir():
        return first, second
    return ".", first
