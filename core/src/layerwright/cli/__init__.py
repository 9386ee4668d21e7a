"""The command line, and the process boundary: errors are rendered and exit statuses decided here alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from layerwright.boundary import failure
from layerwright.output import Log, wants_colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]

_BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (default: the process's) and return the exit status."""
    log = Log(colour=wants_colour(sys.stdout, os.environ))
    try:
        return _run(sys.argv[1:] if arguments is None else list(arguments), log, dict(os.environ))
    except BrokenPipeError:
        # The reader, `head` for one, has what it wanted; what is still buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        shown = failure(error)
        log.error(shown)
        return shown.exit_status


def _run(arguments: list[str], log: Log, environment: Mapping[str, str]) -> int:
    # The detect phase of every build in a shell loop or an editor: worth the argument parser's start-up time.
    if (
        arguments[:1] == ["detect"]
        and not any(a.startswith("-") for a in arguments[1:])
        and len(arguments) < 3
    ):
        from layerwright.cli.detect import detect_application

        return detect_application(arguments[1] if len(arguments) == 2 else ".", log, environment)
    from layerwright.cli.parser import parse

    parsed = parse(arguments)
    return int(parsed.run(parsed, log, environment))
