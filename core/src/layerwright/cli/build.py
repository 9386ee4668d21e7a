"""``layerwright build``: builds an application into layers."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwright.cli.application import platform
from layerwright.errors import Interrupted
from layerwright.output import bytes_words, seconds_words

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping

    from layerwright.build import Built
    from layerwright.output import Log

__all__ = ["run", "terminable"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Build, then say what was made and how to run it."""
    started = time.monotonic()
    local = platform(arguments.app, arguments.layers, environment)
    with terminable():
        built = local.build(log, clean=arguments.clean, exec_env=arguments.exec_env)
    _report(built, log, seconds=time.monotonic() - started)
    _how_to_run(built, arguments, log)
    return 0


def _report(built: Built, log: Log, *, seconds: float) -> None:
    log.heading("Layers")
    rows = [
        (
            c.name,
            c.types.words,
            bytes_words(c.size),
            c.decision.action.value,
            seconds_words(c.seconds),
        )
        for c in built.contributions
    ]
    log.table(("layer", "types", "size", "result", "time"), rows, right=(2, 4))
    if built.dropped:
        log.note(f"Dropped, no longer needed: {', '.join(built.dropped)}")
    log.note(f"Built in {seconds_words(seconds)}.")


def _how_to_run(built: Built, arguments: Namespace, log: Log) -> None:
    log.heading("Processes")
    for process, origin in built.processes:
        mark = " (default)" if process.default else ""
        log.note(f"{process.type}{mark}: {' '.join((*process.command, *process.args))}  [{origin}]")
    if not built.processes:
        log.note('None. Name one in a Procfile ("web: gunicorn app:app") or in [tool.layerwright.processes].')
    where = f" --layers {arguments.layers}" if arguments.layers else ""
    default = any(process.default for process, _ in built.processes)
    what = "" if default else " " + next((p.type for p, _ in built.processes), "python")
    log.note(f"Run it: {_program()} run{where} {arguments.app}{what}")


def _program() -> str:
    """Return what to type for this very program."""
    called = Path(sys.argv[0])
    if called.name != "layerwright":
        return f"{sys.executable} -m layerwright.cli"
    found = shutil.which("layerwright")
    return "layerwright" if found and Path(found).samefile(called) else str(called)


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM and SIGHUP end the build as Ctrl-C does: children first, then the last build put back."""

    def stop(number: int, _frame: Any) -> None:
        raise Interrupted(number)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
