"""The command line, and the process boundary: errors are rendered and exit statuses decided here alone."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from layerwright.errors import Interrupted, LayerwrightError
from layerwright.output import Log, wants_colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["failure", "main"]

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


def failure(error: BaseException) -> LayerwrightError:
    """Return *error* as it is shown: what was not raised on purpose is the machine's doing, or our defect."""
    if isinstance(error, LayerwrightError):
        return error
    if isinstance(error, KeyboardInterrupt):
        import signal

        return Interrupted(signal.SIGINT)
    return _site_error(error) if isinstance(error, OSError) else _defect(error)


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


def _site_error(error: OSError) -> LayerwrightError:
    import errno

    from layerwright.errors import SiteError

    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    where = f": {error.filename}" if error.filename else ""
    return SiteError(
        "The disk is full." if full else "The operating system refused something.",
        cause=f"{error.strerror or error}{where}",
        remedy=(
            "Make room, or put the layers elsewhere with --layers."
            if full
            else "Check that path and who may use it."
        ),
        reference="disk-full" if full else "operating-system",
    )


def _defect(error: BaseException) -> LayerwrightError:
    import traceback

    from layerwright import __version__

    return LayerwrightError(
        f"This is a defect in Layerwright {__version__}, not in your application.",
        cause="".join(traceback.format_exception(error)).rstrip(),
        remedy="Report it, with everything that is printed here.",
        reference="defect",
    )
