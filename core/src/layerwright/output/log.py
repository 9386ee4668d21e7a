"""The build log and all other output."""

from __future__ import annotations

import io
import sys
import time
from contextlib import contextmanager, nullcontext
from typing import IO, TYPE_CHECKING, Final

from layerwright.errors import ERRORS_PAGE
from layerwright.output._text import in_one_line, lines_of
from layerwright.output.verbosity import Verbosity
from layerwright.output.words import bytes_words, seconds_words
from layerwright.process.redaction import KNOWN
from layerwright.process.visible import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from layerwright.errors import LayerwrightError
    from layerwright.output._terminal import Terminal
    from layerwright.output.events import Chosen, Event, Installed, LayerBegun, LayerDone

__all__ = ["Log", "wants_colour"]

_BOLD, _DIM, _RED, _YELLOW, _GREEN = "1", "2", "31", "33", "32"
_PROGRESS_SECONDS: Final = 10.0
_PRESENT: Final = {"created": "Creating", "updated": "Updating"}


def wants_colour(stream: IO[str], environment: Mapping[str, str]) -> bool:
    """Return whether to colour *stream*: it is a terminal, and ``NO_COLOR`` is not set (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class Log:
    """Writes for people: headings, indented notes, events of a build, output of tools, tables; errors go to *errors*.

    Every line is flushed, because a log is often read while it grows. Characters that the encoding of a stream lacks
    are escaped, and so are control characters of terminals, because text may come from anywhere. With *formatted*,
    the reader treats lines as format strings, in which ``%%`` is a ``%``. With *colour*, *stream* is a terminal that
    obeys control sequences. *verbosity* decides what is written; each of *followers* is called with every event,
    written or not.
    """

    def __init__(
        self,
        stream: IO[str] | None = None,
        errors: IO[str] | None = None,
        *,
        colour: bool = False,
        formatted: bool = False,
        verbosity: Verbosity = Verbosity.VERBOSE,
        followers: Sequence[Callable[[Event], None]] = (),
    ) -> None:
        self._stream: Final = stream or sys.stdout
        self._errors: Final = errors or sys.stderr
        self._colour: Final = colour
        self._formatted: Final = formatted
        self._verbosity: Final = verbosity
        self._followers: Final = followers
        self._begun = False
        self._making = False
        # The reasons that are written for the layer that takes time.
        self._announced: tuple[str, ...] | None = None
        self._terminal: Terminal | None = None
        for each in (self._stream, self._errors):
            if isinstance(each, io.TextIOWrapper):
                # By default the first such character, for example in a file name, would end the build.
                each.reconfigure(errors="backslashreplace")

    def at(self, verbosity: Verbosity, followers: Sequence[Callable[[Event], None]] = ()) -> Log:
        """Return a log like this one with this *verbosity* and these *followers*."""
        return Log(
            self._stream,
            self._errors,
            colour=self._colour,
            formatted=self._formatted,
            verbosity=verbosity,
            followers=followers,
        )

    @property
    def is_verbose(self) -> bool:
        """Whether everything that commands print is written."""
        return self._verbosity is Verbosity.VERBOSE

    def heading(self, text: str) -> None:
        """Begin a section."""
        if self._begun:
            self.line()
        self._line(self._painted(text, _BOLD))

    def note(self, text: str) -> None:
        """Write *text* in the section, with each line indented."""
        for line in lines_of(text):
            self.line(f"  {line}" if line else "")

    def detail(self, text: str) -> None:
        """Write *text* as a note, if the log is verbose."""
        if self.is_verbose:
            self.note(text)

    def command(self, words: str) -> None:
        """Show the command that is about to run; one that makes a layer is a line only if the log is verbose."""
        if self.is_verbose or not self._making:
            self._line(f"  {self._painted(f'$ {words}', _DIM)}")
        self._doing(words)

    def output(self, line: str) -> None:
        """Show a line of a command's output; only a verbose log keeps it."""
        if self.is_verbose:
            self.quote(line)
        self._doing(line)

    def quote(self, line: str) -> None:
        """Write a *line* that another program has printed."""
        self._line(f"    {in_one_line(line)}".rstrip())

    def chosen(self, event: Chosen) -> None:
        """Pass on the choices of a build, which other lines of the log explain."""
        self._pass_on(event)

    def warning(self, text: str) -> None:
        """Write *text* so that it stands out; the build continues."""
        if self._followers:
            from layerwright.output.events import Warned

            self._pass_on(Warned(text))
        first, _, rest = text.partition("\n")
        self._line(f"  {self._painted('Warning:', _YELLOW)} {in_one_line(first)}".rstrip())
        self.note(rest)

    @contextmanager
    def making(self, event: LayerBegun) -> Iterator[None]:
        """Show that a layer is being made, as long as the context lasts."""
        self._pass_on(event)
        title, why = f"{_PRESENT[event.action]} layer {event.name}", "; ".join(event.reasons)
        self._making, self._announced = True, event.reasons
        if self._verbosity is Verbosity.COMPACT and self._live(title) is not None:
            self._announced = ()
            self._doing(why)
        else:
            self.note(f"{title}: {why}")
        try:
            yield
        except BaseException:
            self._end_live()
            if self._announced != event.reasons:
                # Otherwise nothing would say which layer it was.
                self.note(f"{title}: {why}")
            raise
        finally:
            self._making = False
            self._end_live()

    def made(self, event: LayerDone) -> None:
        """Write that a layer is complete: why it was made, unless :meth:`making` has written that, and what it cost."""
        self._pass_on(event)
        words, why = f"Layer {event.name} {event.action}", "; ".join(event.reasons)
        cost = f"{bytes_words(event.size)} in {seconds_words(event.seconds)}"
        if event.action == "kept" or self._announced is None:
            self.note(f"{words}: {why}")
        elif event.reasons == self._announced:
            self.note(f"{words}: {cost}")
        else:
            self.note(f"{words}: {why} ({cost})")
        self._announced = None

    def installed(self, event: Installed) -> None:
        """Write each distribution that is new, gone or in another version in the virtual environment."""
        self._pass_on(event)
        for name, before, after in event.changes:
            if not before:
                mark, words = self._painted("+", _GREEN), f"{name} {after}"
            elif not after:
                mark, words = self._painted("-", _RED), f"{name} {before}"
            else:
                mark, words = self._painted("~", _YELLOW), f"{name} {before} → {after}"
            self._line(f"  {mark} {in_one_line(words)}")

    def table(
        self, header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
    ) -> None:
        """Print *rows* below *header*, with the columns numbered in *right* aligned to the right."""
        rows = [[in_one_line(cell) for cell in row] for row in rows]
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

    def json(self, value: object) -> None:
        """Write *value* as JSON, with secrets in its strings masked."""
        from layerwright.output.record import json_text

        # JSON has escapes for control characters; masking it as a whole could mask its own quotation marks.
        self._stream.write(f"{json_text(value)}\n")
        self._stream.flush()

    def error(self, error: LayerwrightError) -> None:
        """Print *error*: what happened, why, what to do in the order to do it, and where to read more."""
        self._end_live()
        self._stream.flush()
        lines = ["", f"{self._painted('Error:', _RED)} {in_one_line(error.summary)}"]
        if error.cause:
            lines += ["", *(f"  {line}".rstrip() for line in lines_of(harmless(error.cause)))]
        if error.remedy:
            lines += ["", "  What to do:"]
            lines += [f"  {number}. {in_one_line(step)}" for number, step in enumerate(error.remedy, 1)]
        # Terminals, and the pages on which platforms show logs, make a link of an address.
        lines += ["", f"  Reference: {ERRORS_PAGE}#{error.reference}"]
        self._write(self._errors, "\n".join(lines) + "\n")

    def progress(self, what: str) -> Callable[[int, int | None], None]:
        """Return a function to call with the bytes done and the bytes in all, as often as one likes.

        On a terminal it keeps one line up to date; elsewhere it writes a line every ten seconds.
        """
        last = time.monotonic()

        def report(done: int, total: int | None) -> None:
            nonlocal last
            terminal = self._terminal or self._live(what)
            if terminal is not None:
                terminal.amount(done, total)
                if done == total and not (self._making and self._verbosity is Verbosity.COMPACT):
                    self._end_live()
            elif time.monotonic() - last >= _PROGRESS_SECONDS:
                last = time.monotonic()
                amount = (
                    bytes_words(done) if total is None else f"{bytes_words(done)} of {bytes_words(total)}"
                )
                self.note(f"{what}: {amount}")

        return report

    @contextmanager
    def still(self) -> Iterator[None]:
        """Keep no other thread meanwhile, so that this process can fork."""
        with self._terminal.aside() if self._terminal else nullcontext():
            yield

    def _pass_on(self, event: Event) -> None:
        for follower in self._followers:
            follower(event)

    def _live(self, title: str) -> Terminal | None:
        """Begin a last line that is kept up to date, if *stream* can have one, and return it."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        if not self._colour or self._verbosity is Verbosity.QUIET or not encoding.lower().startswith("utf"):
            return None
        try:
            # Its import takes as long as a whole build with nothing changed.
            from layerwright.output._terminal import Terminal
        except ImportError:
            return None
        self._terminal = Terminal(self._stream, _shown(title))
        return self._terminal

    def _doing(self, words: str) -> None:
        if self._terminal is not None:
            self._terminal.doing(_shown(words))

    def _end_live(self) -> None:
        if self._terminal is not None:
            self._terminal.end()
            self._terminal = None

    def _line(self, text: str) -> None:
        if self._verbosity is not Verbosity.QUIET:
            self._begun = True
            self._write(self._stream, f"{text}\n")

    def _write(self, stream: IO[str], text: str) -> None:
        # All output passes here, including that of plugins and of our own defects.
        text = KNOWN.masked(text)
        with self.still():
            stream.write(text.replace("%", "%%") if self._formatted else text)
            stream.flush()

    def _painted(self, text: str, code: str) -> str:
        shown = in_one_line(text)
        return f"\033[{code}m{shown}\033[0m" if self._colour else shown


def _shown(text: str) -> str:
    return KNOWN.masked(in_one_line(text))
