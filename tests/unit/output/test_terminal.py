from __future__ import annotations

import io
import re
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import UserError
from layerwright.output import _terminal
from layerwright.output.events import LayerBegun, LayerDone
from layerwright.output.log import Log
from layerwright.output.verbosity import Verbosity

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGUN = LayerBegun("venv", "created", ("first build",))
DONE = LayerDone("venv", "created", ("first build",), 1.25, 4_900_000)
SHOWS, HIDES = "\x1b[?25h", "\x1b[?25l"


class Screen(io.StringIO):
    """A terminal of some width."""

    @property
    def text(self) -> str:
        """Everything that was ever shown, without control sequences and spinners."""
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue())
        return re.sub("[\u2800-\u28ff]", "*", text).replace("\r", "\n")

    @property
    def last(self) -> list[str]:
        """The lines that are there when it is over."""
        lines = [""]
        for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", self.getvalue()):
            if part == "\n":
                lines.append("")
            elif part == "\x1b[1A":
                lines.pop()
            elif part == "\x1b[2K":
                lines[-1] = ""
            elif part[0] not in "\x1b\r":
                lines[-1] += part
        return lines


@pytest.fixture(params=[60, 80, 200])
def screen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("COLUMNS", str(request.param))
    monkeypatch.setenv("LINES", "24")
    return Screen()


@pytest.fixture
def log(screen: Screen) -> Log:
    return Log(screen, screen, colour=True, verbosity=Verbosity.COMPACT)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_a_layer_is_a_line_that_is_kept_up_to_date_and_then_says_what_became_of_it(
    log: Log, screen: Screen
) -> None:
    with log.making(BEGUN):
        with log.still():
            pass
        log.command("pip install")
        with log.still():
            pass
        log.output("  Collecting acme\x1b[2J")
    log.made(DONE)
    shown = screen.text
    assert "  * Creating layer venv  first build" in shown
    assert "  * Creating layer venv  pip install" in shown
    assert r"Collecting acme\x1b[2J" in shown
    assert screen.last == ["  Layer venv created: first build (4.9 MB in 1.2 s)", ""]
    assert screen.getvalue().rindex(SHOWS) > screen.getvalue().rindex(HIDES)


def test_lines_fit_on_the_screen_however_long_the_words_are(log: Log, screen: Screen) -> None:
    with log.making(BEGUN):
        log.output("long " * 100)
        log.progress("Python")(1, 1000)
    width = int(_terminal.Console().width)
    assert max(map(len, screen.text.split("\n"))) <= width
    assert "…" in screen.text


def test_a_download_has_its_amount_and_its_rate(
    log: Log, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_terminal, "_SHORTEST", -1.0)
    now = iter(range(1, 1_000_000))
    monkeypatch.setattr(_terminal.time, "monotonic", lambda: float(next(now)))
    report = log.progress("Python 3.13.0")
    with log.making(BEGUN):
        report(1_000, 31_000_000)
        report(12_001_000, 31_000_000)
        with log.still():
            pass
        report(12_001_000, None)
        with log.still():
            pass
        report(31_000_000, 31_000_000)
    assert re.search(r"12\.0 MB of 31\.0 MB, [0-9.]+ MB/s", screen.text)
    assert re.search(r"12\.0 MB, [0-9.]+ MB/s", screen.text)
    assert ("━" in screen.text) == (_terminal.Console().width > 72)
    assert screen.last == [""]


def test_the_time_is_in_whole_seconds_and_minutes() -> None:
    assert [_terminal._whole_seconds(s) for s in (0.9, 59.9, 61.0)] == ["0 s", "59 s", "1 min 1 s"]


def test_progress_outside_a_layer_has_a_line_of_its_own_until_it_is_complete(
    log: Log, screen: Screen
) -> None:
    report = log.progress("Python 3.13.0")
    report(500, 1000)
    log.note("meanwhile")
    report(1000, 1000)
    assert "* Python 3.13.0" in screen.text
    assert screen.last == ["  meanwhile", ""]


def test_an_error_leaves_the_terminal_as_it_was(log: Log, screen: Screen) -> None:
    log.progress("Python 3.13.0")(500, 1000)
    log.error(UserError("It broke.", reference="broken"))
    assert screen.last[:2] == ["", "Error: It broke."]
    assert screen.getvalue().rindex(SHOWS) > screen.getvalue().rindex(HIDES)
    with pytest.raises(KeyboardInterrupt), log.making(BEGUN):
        raise KeyboardInterrupt
    assert screen.getvalue().endswith("\x1b[2K  Creating layer venv: first build\n")
    assert screen.getvalue().rindex(SHOWS) > screen.getvalue().rindex(HIDES)


def test_a_verbose_log_has_lines_and_no_spinner(log: Log, screen: Screen) -> None:
    log = log.at(Verbosity.VERBOSE)
    with log.making(BEGUN):
        log.output("Collecting")
    log.made(DONE)
    assert screen.getvalue() == (
        "  Creating layer venv: first build\n    Collecting\n  Layer venv created: 4.9 MB in 1.2 s\n"
    )


def test_without_rich_the_log_is_plain(log: Log, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "layerwright.output._terminal", raising=False)
    monkeypatch.delattr("layerwright.output._terminal", raising=False)
    monkeypatch.setitem(sys.modules, "rich.live", None)
    with log.making(BEGUN):
        pass
    assert screen.getvalue() == "  Creating layer venv: first build\n"


def test_a_terminal_that_cannot_show_a_spinner_gets_lines() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    log = Log(stream, stream, colour=True, verbosity=Verbosity.COMPACT)
    with log.making(BEGUN):
        pass
    stream.seek(0)
    assert stream.read() == "  Creating layer venv: first build\n"


def test_the_line_is_drawn_again_and_again(log: Log, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = threading.Event()
    monkeypatch.setattr(_terminal, "_BETWEEN", 0.0)
    with log.making(BEGUN):
        monkeypatch.setattr(_terminal.Terminal, "_words", lambda _terminal: drawn.set() or "again")
        assert drawn.wait(60)
    assert screen.last == [""]
