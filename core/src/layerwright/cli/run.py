"""``layerwright run``: becomes a process of the built application."""

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
    """Replace this process; what is returned is never seen."""
    app, process = split(arguments.app, arguments.process)
    # Standard output is the process's own: what there is to say before it starts is no part of that.
    log = Log(sys.stderr, colour=wants_colour(sys.stderr, environment))
    launch = platform(app, arguments.layers, environment).launch(log, process, arguments.arguments)
    os.chdir(launch.directory)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and what is ignored stays so in the process that this one becomes.
        signal.signal(number, signal.SIG_DFL)
    os.execve(launch.argv[0], launch.argv, launch.environment)  # noqa: S606  # that is what the command is for


def split(first: str | None, second: str | None) -> tuple[str, str | None]:
    """Return the application directory and the process that two optional words mean.

    One word alone is a directory if there is one of that name, and a process of this directory otherwise.
    """
    if first is None:
        return ".", None
    if second is not None or Path(first).is_dir():
        return first, second
    return ".", first
