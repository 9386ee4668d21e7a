"""The manual page, from the grammar, in the notation of man(7)."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Final

from layerwright.cli.parser import commands_of
from layerwright.errors import ERRORS_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.cli.grammar.command import Parser

__all__ = ["manual"]

_STATUSES: Final = {
    "0": "Success.",
    "1": "An error, which is printed on standard error.",
    "2": "The command line is invalid.",
    "75": "An error that may not occur in a later build.",
    "100": "No package manager claims the application (detect).",
    "129, 130, 143": "A signal stopped the build.",
}


def manual(program: Parser, version: str) -> str:
    """Return the page of *program*, whose *version* it names."""
    return "\n".join(_lines(program, version)) + "\n"


def _lines(program: Parser, version: str) -> Iterator[str]:
    name, description = program.prog, program.description or ""
    yield f'.TH {name.upper()} 1 "" "{name} {version}" "User Commands"'
    yield ".SH NAME"
    yield f"{name} \\- {_text(description[:1].lower() + description[1:].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield _text(_usage(program))
    yield ".SH OPTIONS"
    yield from _actions(program)
    yield ".SH COMMANDS"
    for parser in commands_of(program).values():
        yield f'.SS "{_text(_usage(parser))}"'
        yield _text(parser.description or "")
        yield from _actions(parser)
    yield ".SH EXIT STATUS"
    for status, meaning in _STATUSES.items():
        yield from (".TP", f"\\fB{status}\\fR", _text(meaning))
    yield ".SH SEE ALSO"
    yield _text(ERRORS_PAGE.rpartition("/")[0] + "/")


def _usage(parser: Parser) -> str:
    parser.color = False  # type: ignore[attr-defined,unused-ignore]  # since Python 3.14
    return " ".join(parser.format_usage().split()).removeprefix("usage: ").replace("[-h] ", "")


def _actions(parser: Parser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        value = "" if action.nargs == 0 else f"\\fI{_text(str(action.metavar))}\\fR"
        names = ", ".join(f"\\fB{_text(option)}\\fR" for option in action.option_strings)
        yield from (".TP", " ".join(filter(None, (names, value))), _text(action.help or ""))


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return re.sub(r"^(?=[.'])", "\\\\&", escaped)
