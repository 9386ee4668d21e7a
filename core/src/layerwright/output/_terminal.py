"""The last line of a terminal while something takes time: a spinner, or a bar with the amount and the rate."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from layerwright.output.words import bytes_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

__all__ = ["Terminal"]

# A bar takes room from the words, which matter more.
_ROOM_FOR_A_BAR: Final = 72
_BAR: Final = 20
_BETWEEN: Final = 0.1
"""Seconds between two drawings."""
_SHORTEST: Final = 1.0
"""Seconds, before which a rate says nothing."""


class Terminal:
    """Keeps the last line of *stream* up to date, from when it is made until :meth:`end`, which erases the line.

    *title* says what is being done. Another thread draws, ten times a second.
    """

    def __init__(self, stream: IO[str], title: str) -> None:
        self._console: Final = Console(file=stream, force_terminal=True, highlight=False)
        self._title: Final = title
        self._doing = ""
        self._began: Final = time.monotonic()
        self._amount: tuple[int, int | None] | None = None
        self._first: tuple[int, float] | None = None
        self._spinner: Final = Spinner("dots")
        self._start()

    def doing(self, words: str) -> None:
        """Show *words* behind the title: the command that runs, or the last line that it printed."""
        self._doing = words.strip()

    def amount(self, done: int, total: int | None) -> None:
        """Show the bytes *done*, of *total* if that is known, and their rate."""
        if self._first is None:
            # A download that is resumed begins with what is there.
            self._first = (done, time.monotonic())
        self._amount = (done, total) if 0 < done != total else None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Erase the line meanwhile, and stop the thread that draws it."""
        self.end()
        try:
            yield
        finally:
            self._start()

    def end(self) -> None:
        """Erase the line, and show the cursor again."""
        self._ended.set()
        try:
            # Rich does not await a thread of its own, and a process with a second thread must not fork.
            self._thread.join()
        finally:
            self._live.stop()

    def _start(self) -> None:
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            auto_refresh=False,
            transient=True,
            # What is printed elsewhere passes the log, which masks secrets; rich must not print it instead.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start(refresh=True)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._draw, daemon=True)
        self._thread.start()

    def _draw(self) -> None:
        while not self._ended.wait(_BETWEEN):
            self._live.refresh()

    def _drawn(self) -> Table:
        line = Table.grid(padding=(0, 1, 0, 0), expand=True)
        line.add_column(width=1)
        line.add_column(width=1)
        line.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        cells: list[RenderableType] = ["", self._spinner, self._words()]
        if self._amount is not None:
            done, total = self._amount
            if total and self._console.width >= _ROOM_FOR_A_BAR:
                line.add_column(width=_BAR)
                cells.append(ProgressBar(total=total, completed=done))
            line.add_column(no_wrap=True)
            cells.append(Text(self._amount_words(done, total)))
        line.add_column(no_wrap=True)
        cells.append(Text(_whole_seconds(time.monotonic() - self._began), style="dim"))
        line.add_row(*cells)
        return line

    def _words(self) -> Text:
        return Text.assemble(self._title, *([("  " + self._doing, "dim")] if self._doing else []))

    def _amount_words(self, done: int, total: int | None) -> str:
        amount = bytes_words(done) if total is None else f"{bytes_words(done)} of {bytes_words(total)}"
        begun, since = self._first or (0, self._began)
        seconds = time.monotonic() - since
        return f"{amount}, {bytes_words(int((done - begun) / seconds))}/s" if seconds > _SHORTEST else amount


def _whole_seconds(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
