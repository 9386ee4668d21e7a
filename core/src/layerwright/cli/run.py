"""``layerwright run``: runs a process of the built application."""

from __future__ import annotations

import os
import shlex
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.cli.application import platform
from layerwright.config.sources import APP_DIR, variable
from layerwright.errors import UserError
from layerwright.output.aside import log_aside

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.local.platform import LocalPlatform
    from layerwright.output.log import Log

__all__ = ["run"]

_UNREAD: Final = frozenset({"malformed-toml", "not-utf-8"})


def run(arguments: Namespace, _log: Log, environment: Mapping[str, str]) -> int:
    """Replace this process; the returned value is never used."""
    # Standard output belongs to the process; messages before its start go elsewhere.
    log = log_aside(environment)
    if arguments.app is not None:
        # The directory is meant as it is named.
        environment = {name: value for name, value in environment.items() if name != variable(APP_DIR)}
    local, unread = _platform(arguments.app or ".", arguments.layers, environment)
    try:
        launch = local.launch(log, arguments.process, arguments.arguments)
    except UserError as error:
        raise unread or _naming_the_directory(error, arguments.process) from error
    os.chdir(launch.directory)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and ignored signals would stay ignored in the process that replaces this one.
        signal.signal(number, signal.SIG_DFL)
    os.execve(launch.argv[0], launch.argv, launch.environment)  # noqa: S606  # that is what the command is for


def _platform(
    app: str, layers: str | None, environment: Mapping[str, str]
) -> tuple[LocalPlatform, UserError | None]:
    """Return the platform, and the error in a configuration that cannot be read.

    The last complete build runs even if the configuration has become wrong since; such a file chooses no directory.
    """
    try:
        return platform(app, layers, environment), None
    except UserError as error:
        if error.reference not in _UNREAD:
            raise
        return platform(app, layers, {**environment, variable(APP_DIR): os.curdir}), error


def _naming_the_directory(error: UserError, word: str | None) -> UserError:
    """Return *error* with one more remedy, if *word* is a directory or a script, which ``--app`` takes."""
    if not word or not (Path(word).is_dir() or (word.endswith(".py") and Path(word).is_file())):
        return error
    kind = "in the directory " if Path(word).is_dir() else ""
    meant = f"If you mean the application {kind}{word}: layerwright run --app {shlex.quote(word)}"
    return UserError(
        error.summary, cause=error.cause, remedy=(*error.remedy, meant), reference=error.reference
    )
