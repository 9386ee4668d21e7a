"""The build log and all other output."""

from __future__ import annotations

import io
import sys
import time
from typing import IO, TYPE_CHECKING, Final

from layerwright.errors import ERRORS_PAGE
from layerwright.process.redaction import KNOWN
from layerwright.process.visible import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from layerwright.errors import LayerwrightError

__all__ = ["Log", "bytes_words", "seconds_words", "wants_colour"]

_BOLD, _DIM, _RED, _YELLOW, _GREEN = "1", "2", "31", "33", "32"
_PROGRESS_SECONDS: Final = 0.2
_QUIET_PROGRESS_SECONDS: Final = 10.0


def wants_colour(stream: IO[str], environment: Mapping[str, str]) -> bool:
    """Return whether to colour *stream*: it is a terminal, and ``NO_COLOR`` is not set (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def bytes_words(size: int) -> str:
    """Format *size*, in bytes, in decimal units as disks and registries use: ``39.1 MB``."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} GB"


def seconds_words(seconds: float) -> str:
    """Format *seconds* for people: ``0.04 s``, ``12.3 s``, ``2 min 5 s``."""
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


class Log:
    """Writes for people: headings, indented notes, output of tools, tables; errors go to *errors*.

    Every line is flushed, because a log is often read while it grows. Characters that the encoding of a stream lacks
    are escaped, and so are control characters of terminals, because text may come from anywhere. With *formatted*,
    the reader treats lines as format strings, in which ``%%`` is a ``%``.
    """

    def __init__(
        self,
        stream: IO[str] | None = None,
        errors: IO[str] | None = None,
        *,
        colour: bool = False,
        formatted: bool = False,
    ) -> None:
        self._stream: Final = stream or sys.stdout
        self._errors: Final = errors or sys.stderr
        self._colour: Final = colour
        self._formatted: Final = formatted
        self._begun = False
        self._unfinished = False
        for each in (self._stream, self._errors):
            if isinstance(each, io.TextIOWrapper):
                # By default the first such character, for example in a file name, would end the build.
                each.reconfigure(errors="backslashreplace")

    def heading(self, text: str) -> None:
        """Begin a section."""
        if self._begun:
            self.line()
        self._line(self._painted(text, _BOLD))

    def note(self, text: str) -> None:
        """Write *text* in the section, with each line indented."""
        for line in _lines(text):
            self.line(f"  {line}" if line else "")

    def command(self, words: str) -> None:
        """Show the command that is about to run."""
        self._line(f"  {self._painted(f'$ {words}', _DIM)}")

    def output(self, line: str) -> None:
        """Show a line of a command's output."""
        self._line(f"    {_in_one_line(line)}".rstrip())

    def warning(self, text: str) -> None:
        """Write *text* so that it stands out; the build continues."""
        first, _, rest = text.partition("\n")
        self._line(f"  {self._painted('Warning:', _YELLOW)} {_in_one_line(first)}".rstrip())
        self.note(rest)

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
    ) -> None:
        """Print *rows* below *header*, with the columns numbered in *right* aligned to the right."""
        rows = [[_in_one_line(cell) for cell in row] for row in rows]
        widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]

        def laid_out(row: Sequence[str]) -> str:
            cells = (
                c.rjust(w) if i in right else c.ljust(w)
                for i, (c, w) in enumerate(zip(row, widths, strict=True))
            )
            return f"  {'  '.join(cells)}".rstrip()

        self._line(self._painted(laid_out(header), _DIM))
        for row in rows:
            self._line(laid_out(row))

    def line(self, text: str = "") -> None:
        """Write *text*, one or more lines, without indentation."""
        self._line(harmless(text))

    def _line(self, text: str) -> None:
        self._begun = True
        self._write(self._stream, "\n" * self._unfinished + f"{text}\n")
        self._unfinished = False

    def error(self, error: LayerwrightError) -> None:
        """Print *error*: what happened, why, what to do in the order to do it, and where to read more."""
        self._stream.flush()
        lines = ["", f"{self._painted('Error:', _RED)} {_in_one_line(error.summary)}"]
        if error.cause:
            lines += ["", *(f"  {line}".rstrip() for line in _lines(harmless(error.cause)))]
        if error.remedy:
            lines += ["", "  What to do:"]
            lines += [f"  {number}. {_in_one_line(step)}" for number, step in enumerate(error.remedy, 1)]
        # Terminals, and the pages on which platforms show logs, make a link of an address.
        lines += ["", f"  Reference: {ERRORS_PAGE}#{error.reference}"]
        self._write(self._errors, "\n".join(lines) + "\n")

    def progress(self, what: str) -> Callable[[int, int | None], None]:
        """Return a function to call with the bytes done and the bytes in all, as often as one likes.

        On a terminal it keeps one line up to date; elsewhere it writes a line every ten seconds.
        """
        live = self._stream.isatty()
        pause = _PROGRESS_SECONDS if live else _QUIET_PROGRESS_SECONDS
        last = time.monotonic()

        def report(done: int, total: int | None) -> None:
            nonlocal last
            now = time.monotonic()
            finished = done == total
            if now - last < pause and not (live and finished):
                return
            last = now
            amount = bytes_words(done) if total is None else f"{bytes_words(done)} of {bytes_words(total)}"
            if live:
                self._write(self._stream, f"\r\033[K  {what}: {amount}" + "\n" * finished)
                self._unfinished = not finished
            else:
                self.line(f"  {what}: {amount}")

        return report

    def _write(self, stream: IO[str], text: str) -> None:
        # All output passes here, including that of plugins and of our own defects.
        text = KNOWN.masked(text)
        stream.write(text.replace("%", "%%") if self._formatted else text)
        stream.flush()

    def _painted(self, text: str, code: str) -> str:
        shown = _in_one_line(text)
        return f"\033[{code}m{shown}\033[0m" if self._colour else shown


def _in_one_line(text: str) -> str:
    # Otherwise a file name could create lines that look like ours.
    return harmless(text).replace("\n", "\\n")


def _lines(text: str) -> list[str]:
    # Not splitlines: it also splits at characters that a reader should see.
    return text.removesuffix("\n").split("\n") if text else []
