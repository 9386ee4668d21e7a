from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import ERRORS_PAGE, UserError
from layerwright.output.events import Installed, LayerBegun, LayerDone, Warned
from layerwright.output.log import Log, wants_colour
from layerwright.output.verbosity import Verbosity

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.output.events import Event

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


def written(
    say: Callable[[Log], None], *, colour: bool = False, verbosity: Verbosity = Verbosity.VERBOSE
) -> str:
    stream = Stream()
    say(Log(stream, Stream(), colour=colour, verbosity=verbosity))
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


# Events of a build


def make(
    log: Log,
    *,
    action: str = "created",
    reasons: tuple[str, ...] = ("first build",),
    begun: tuple[str, ...] = ("first build",),
) -> None:
    """Tell *log* that a layer is made, with a command that prints a line."""
    with log.making(LayerBegun("venv", "updated" if action == "updated" else "created", begun)):
        log.command("install")
        log.output("Collecting")
        log.detail("To install: acme")
    log.made(LayerDone("venv", action, reasons, 1.25, 4_900_000))


def test_a_layer_is_said_to_be_made_while_it_is_and_to_be_complete_once_it_is() -> None:
    assert written(make, verbosity=Verbosity.COMPACT) == (
        "  Creating layer venv: first build\n  Layer venv created: 4.9 MB in 1.2 s\n"
    )
    assert written(make) == (
        "  Creating layer venv: first build\n  $ install\n    Collecting\n  To install: acme\n"
        "  Layer venv created: 4.9 MB in 1.2 s\n"
    )
    assert written(lambda log: make(log, action="updated"), verbosity=Verbosity.COMPACT).startswith(
        "  Updating layer venv: first build\n"
    )


def test_a_layer_whose_reasons_changed_meanwhile_has_them_all_at_the_end() -> None:
    text = written(lambda log: make(log, reasons=("a changed", "the update failed"), begun=("a changed",)))
    assert text.endswith("  Layer venv created: a changed; the update failed (4.9 MB in 1.2 s)\n")


def test_a_layer_that_takes_no_time_is_one_line() -> None:
    def say(log: Log) -> None:
        log.made(LayerDone("cache-pip", "created", ("first build",), 0.0, 0))
        log.made(LayerDone("venv", "kept", ("unchanged",), 0.5, 4_900_000))

    assert written(say) == "  Layer cache-pip created: first build\n  Layer venv kept: unchanged\n"


def test_a_layer_that_failed_is_not_said_to_be_made() -> None:
    def say(log: Log) -> None:
        with pytest.raises(ZeroDivisionError), log.making(LayerBegun("venv", "created", ("first build",))):
            raise ZeroDivisionError
        log.command("look")

    assert written(say, verbosity=Verbosity.COMPACT) == "  Creating layer venv: first build\n  $ look\n"


def test_changes_of_the_environment_have_a_mark_each() -> None:
    changes = (("flask", "", "3.1.3"), ("six", "1.17.0", ""), ("acme", "1", "2"))
    assert written(lambda log: log.installed(Installed(changes))) == (
        "  + flask 3.1.3\n  - six 1.17.0\n  ~ acme 1 → 2\n"
    )


def test_a_quiet_log_has_errors_alone() -> None:
    def say(log: Log) -> None:
        log.heading("Python")
        log.warning("careful")
        log.table(("a",), [("b",)])
        make(log)
        log.progress("Python")(500, 1000)

    assert written(say, verbosity=Verbosity.QUIET, colour=True) == ""
    errors = Stream()
    Log(Stream(), errors, verbosity=Verbosity.QUIET).error(ERROR)
    assert errors.getvalue().startswith("\nError: It broke.")


@pytest.mark.parametrize("verbosity", Verbosity)
def test_those_that_follow_a_build_get_every_event_whatever_is_written(verbosity: Verbosity) -> None:
    got: list[Event] = []
    log = Log(Stream(), Stream()).at(verbosity, [got.append])
    make(log)
    log.installed(Installed((("acme", "", "1"),)))
    log.warning("careful\nreally")
    assert got == [
        LayerBegun("venv", "created", ("first build",)),
        LayerDone("venv", "created", ("first build",), 1.25, 4_900_000),
        Installed((("acme", "", "1"),)),
        Warned("careful\nreally"),
    ]


@pytest.fixture
def unpaused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass between two lines of progress."""
    monkeypatch.setattr("layerwright.output.log._PROGRESS_SECONDS", 0)


def test_progress_where_no_line_can_be_kept_up_to_date_is_a_line_now_and_then(unpaused: None) -> None:
    def say(log: Log) -> None:
        report = log.progress("Python")
        report(500, 1000)
        report(600, None)

    assert written(say) == "  Python: 500 B of 1.0 kB\n  Python: 600 B\n"


def test_short_progress_says_nothing() -> None:
    assert written(lambda log: log.progress("Python")(1000, 1000)) == ""
