"""What the log says about the bytecode of the application's modules."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from layerwright.errors import CommandFailed, SiteError
from layerwright.output.words import some_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from layerwright.build.application.bytecode import Compiled
    from layerwright.output.log import Log
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["HEADING", "not_valid", "tell", "tell_unwritten", "warning_of_failures"]

HEADING: Final = "Modules of the application"


def tell(compiled: Compiled, interpreter: Interpreter, log: Log) -> None:
    """Log how many modules have bytecode, and which do not compile."""
    log.note(f"With bytecode: {len(compiled.keys) - len(compiled.failed)} ({compiled.number} compiled now)")
    if compiled.failed:
        log.note(not_valid(compiled, interpreter))


def not_valid(compiled: Compiled, interpreter: Interpreter) -> str:
    """Return which modules do not compile, in words."""
    return f"Not valid in Python {interpreter.minor}, so without bytecode: {some_words(compiled.failed)}"


def tell_unwritten(names: Sequence[str], log: Log) -> None:
    """Log a warning of bytecode files that could not be written."""
    if names:
        _warn(f"These files could not be written: {some_words(names)}", log)


@contextmanager
def warning_of_failures(log: Log) -> Iterator[None]:
    """Log a failure as a warning: the application works without bytecode."""
    try:
        yield
    except (CommandFailed, SiteError) as error:
        _warn(f"{error.summary}\n{error.cause}", log)
    except OSError as error:
        _warn(f"{error.strerror}: {error.filename}", log)


def _warn(because: str, log: Log) -> None:
    log.warning(f"Modules of the application have no bytecode, so each process compiles them.\n{because}")
