from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import ERRORS_PAGE, UserError
from layerwright.output.log import Log, bytes_words, seconds_words, wants_colour

if TYPE_CHECKING:
    from collections.abc import Callable

ERROR = UserError(
    "It broke.", cause="It was old,\n\nand tired.", remedy=["Mend it.", "Or buy one."], reference="broken"
)


class Stream(io.StringIO):
    """What a log is written to; notes how much of it was flushed."""

    flushed = ""

    def flush(self) -> None:
        super().flush()
        self.flushed = self.getvalue()


class Terminal(Stream):
    def isatty(self) -> bool:
        return True


def written(say: Callable[[Log], None], *, colour: bool = False) -> str:
    stream = Stream()
    say(Log(stream, Stream(), colour=colour))
    assert stream.flushed == stream.getvalue()
    return stream.getvalue()


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (Stream(), {"TERM": "xterm"}, False),
    ],
)
def test_colour_is_for_terminals_and_for_those_who_do_not_mind(
    stream: Stream, environment: dict[str, str], coloured: bool
) -> None:
    assert wants_colour(stream, environment) is coloured


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (39_100_000, "39.1 MB"),
        (999_949_999, "999.9 MB"),
        (999_950_000, "1.0 GB"),
        (12_345_000_000, "12.3 GB"),
    ],
)
def test_sizes_are_in_decimal_units(size: int, words: str) -> None:
    assert bytes_words(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (0.994, "0.99 s"),
        (0.996, "1.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125.4, "2 min 5 s"),
        (3599.6, "60 min 0 s"),
    ],
)
def test_times_have_the_precision_that_a_reader_wants(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words


def test_sections_are_set_apart() -> None:
    def say(log: Log) -> None:
        log.heading("Python")
        log.note("one\n\ntwo")
        log.heading("pip")
        log.command("pip install")
        log.output("  done ")
        log.line("as it is ")
        log.line()

    assert written(say) == ("Python\n  one\n\n  two\n\npip\n  $ pip install\n      done\nas it is \n\n")


def test_a_warning_stands_out() -> None:
    assert written(lambda log: log.warning("first\nsecond")) == "  Warning: first\n  second\n"
    assert written(lambda log: log.warning("")) == "  Warning:\n"


def test_a_table_has_its_columns_below_each_other() -> None:
    def say(log: Log) -> None:
        log.table(("layer", "size"), [("python", "1 B"), ("a", "100.0 MB")], right=(1,))
        log.table(("none", ""), [])

    assert written(say) == "  layer       size\n  python       1 B\n  a       100.0 MB\n  none\n"


def test_colours_are_put_around_what_matters_and_taken_back() -> None:
    def say(log: Log) -> None:
        log.heading("h")
        log.command("c")
        log.warning("w")
        log.table(("t",), [("r",)])

    assert written(say, colour=True) == (
        "\033[1mh\033[0m\n  \033[2m$ c\033[0m\n  \033[33mWarning:\033[0m w\n\033[2m  t\033[0m\n  r\n"
    )


def test_an_error_goes_where_errors_go_after_all_that_was_said_before() -> None:
    stream, errors = Stream(), Stream()
    Log(stream, errors).error(ERROR)
    assert stream.getvalue() == ""
    assert errors.flushed == (
        "\nError: It broke.\n\n  It was old,\n\n  and tired.\n\n"
        "  What to do:\n  1. Mend it.\n  2. Or buy one.\n\n"
        f"  Reference: {ERRORS_PAGE}#broken\n"
    )


def test_an_error_has_no_headings_for_what_nobody_knows() -> None:
    errors = Stream()
    Log(Stream(), errors, colour=True).error(UserError("It broke.", reference="broken"))
    assert errors.getvalue() == f"\n\033[31mError:\033[0m It broke.\n\n  Reference: {ERRORS_PAGE}#broken\n"


def test_a_reader_who_takes_it_for_a_format_string_reads_it_as_it_is() -> None:
    stream, errors = Stream(), Stream()
    log = Log(stream, errors, formatted=True)
    log.line("100% sure")
    log.error(UserError("50% broken.", reference="broken"))
    assert [text.getvalue() % () for text in (stream, errors)] == [
        "100% sure\n",
        f"\nError: 50% broken.\n\n  Reference: {ERRORS_PAGE}#broken\n",
    ]


def test_a_log_is_written_to_the_standard_streams(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    log.line("said")
    log.error(UserError("It broke.", reference="broken"))
    assert capsys.readouterr() == ("said\n", f"\nError: It broke.\n\n  Reference: {ERRORS_PAGE}#broken\n")


def test_what_an_encoding_lacks_is_written_as_an_escape() -> None:
    stream, errors = io.BytesIO(), io.BytesIO()
    log = Log(io.TextIOWrapper(stream, encoding="ascii"), io.TextIOWrapper(errors, encoding="utf-8"))
    log.note("3.12 → 3.13")
    log.error(UserError("app\udcff.py broke.", reference="broken"))
    assert stream.getvalue() == b"  3.12 \\u2192 3.13\n"
    assert b"app\\udcff.py broke." in errors.getvalue()


ATTACK = "a\x1b]0;title\x07\x9b2J\u202eb\rc"
SHOWN = r"a\x1b]0;title\x07\x9b2J\u202eb\rc"


@pytest.mark.parametrize("colour", [False, True])
def test_nothing_that_is_said_reaches_the_terminal_as_an_order(*, colour: bool) -> None:
    def say(log: Log) -> None:
        for method in (log.heading, log.note, log.command, log.output, log.warning, log.line):
            method(ATTACK)
        log.table((ATTACK,), [(ATTACK,)])

    text = written(say, colour=colour)
    assert text.count(SHOWN) == 8
    assert "a\x1b" not in text
    errors = Stream()
    error = UserError(ATTACK, cause=f"{ATTACK}\n{ATTACK}", remedy=ATTACK, reference="broken")
    Log(Stream(), errors, colour=colour).error(error)
    assert errors.getvalue().count(SHOWN) == 4
    assert "a\x1b" not in errors.getvalue()


def test_what_is_one_line_stays_one() -> None:
    def say(log: Log) -> None:
        for method in (log.heading, log.command, log.output):
            method("a\nError: b")
        log.table(("h",), [("a\nError: b",)])

    assert [line for line in written(say).splitlines() if line.startswith("Error")] == []
    errors = Stream()
    Log(Stream(), errors).error(UserError("a\nb", remedy="c\nd", reference="broken"))
    assert (
        errors.getvalue()
        == f"\nError: a\\nb\n\n  What to do:\n  1. c\\nd\n\n  Reference: {ERRORS_PAGE}#broken\n"
    )


def test_several_lines_are_those_that_a_line_feed_ends() -> None:
    assert written(lambda log: log.note("a\n\nb\x0bc\u2028d\n")) == "  a\n\n  b\\x0bc\\u2028d\n"


@pytest.fixture
def unpaused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass between two lines of progress."""
    monkeypatch.setattr("layerwright.output.log._PROGRESS_SECONDS", 0)
    monkeypatch.setattr("layerwright.output.log._QUIET_PROGRESS_SECONDS", 0)


def test_progress_on_a_terminal_is_one_line_that_is_kept_up_to_date(unpaused: None) -> None:
    stream = Terminal()
    report = Log(stream, Stream()).progress("Python")
    report(0, None)
    report(500, 1000)
    report(1000, 1000)
    assert stream.flushed == (
        "\r\033[K  Python: 0 B\r\033[K  Python: 500 B of 1.0 kB\r\033[K  Python: 1.0 kB of 1.0 kB\n"
    )


def test_the_end_is_shown_on_a_terminal_however_soon_it_comes() -> None:
    stream = Terminal()
    report = Log(stream, Stream()).progress("Python")
    report(500, 1000)
    report(1000, 1000)
    assert stream.flushed == "\r\033[K  Python: 1.0 kB of 1.0 kB\n"


def test_what_is_said_after_progress_that_was_cut_off_is_on_a_line_of_its_own(unpaused: None) -> None:
    stream = Terminal()
    log = Log(stream, Stream())
    log.progress("Python")(500, 1000)
    log.line("next")
    log.line("last")
    assert stream.flushed == "\r\033[K  Python: 500 B of 1.0 kB\nnext\nlast\n"


def test_progress_elsewhere_is_a_line_now_and_then(unpaused: None) -> None:
    stream = Stream()
    log = Log(stream, Stream())
    report = log.progress("Python")
    report(500, 1000)
    report(1000, 1000)
    assert stream.flushed == "  Python: 500 B of 1.0 kB\n  Python: 1.0 kB of 1.0 kB\n"


def test_short_progress_elsewhere_says_nothing() -> None:
    stream = Stream()
    report = Log(stream, Stream()).progress("Python")
    report(1000, 1000)
    assert stream.getvalue() == ""
