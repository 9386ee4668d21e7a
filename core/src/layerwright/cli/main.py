"""The command line and the process boundary: only here are errors printed and exit statuses decided."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from layerwright.output.log import Log, wants_colour
from layerwright.process.boundary import failure, leave, open_streams
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]

_BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line *arguments* (default: the process's) and return the exit status."""
    if arguments is not None:
        return _status(arguments)
    # The process ends before there is anything to collect; this saves a twentieth of an unchanged build.
    gc.disable()
    open_streams()
    status = _status(sys.argv[1:])
    leave(status)
    return status


def _status(arguments: Sequence[str]) -> int:
    log = Log(colour=wants_colour(sys.stdout, os.environ))
    try:
        KNOWN.learn_environment(os.environ)
        for url in (word for word in arguments if "://" in word):
            KNOWN.learn_url(url)
        return _run(list(arguments), log, dict(os.environ))
    except BrokenPipeError:
        # The reader, for example `head`, has enough; do not write the buffered rest again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (Exception, KeyboardInterrupt) as error:
        shown = failure(error)
        log.error(shown)
        return shown.exit_status


def _run(arguments: list[str], log: Log, environment: Mapping[str, str]) -> int:
    # These commands run again and again, in editors and loops, so they skip the argument parser.
    if arguments[:1] == ["detect"] and _is_plain(arguments[1:]):
        from layerwright.cli.detect import detect_application

        return detect_application(arguments[1] if arguments[1:] else ".", log, environment)
    if arguments[:1] == ["build"]:
        named = arguments[1:2] == ["--layers"] and len(arguments) > 2
        layers, rest = (arguments[2], arguments[3:]) if named else (None, arguments[1:])
        if _is_plain(rest):
            from layerwright.cli.build import build_application

            return build_application(rest[0] if rest else ".", log, environment, layers=layers)
    from layerwright.cli.parser import parse

    parsed = parse(arguments)
    return int(parsed.run(parsed, log, environment))


def _is_plain(arguments: Sequence[str]) -> bool:
    """Return whether *arguments* are at most an application directory, without options."""
    return not arguments or (len(arguments) == 1 and not arguments[0].startswith("-"))
