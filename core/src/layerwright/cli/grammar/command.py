"""What the commands share: how one is declared, and how misuse is reported."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["JSON", "LAYERS", "PROGRAM", "Parser", "add_application", "add_tree", "command", "nearest_word"]

PROGRAM: Final = "layerwright"
_APP: Final = (
    "the application, a directory or a Python script, or the source tree that contains it"
    " (default: the current directory)"
)
JSON: Final = "print JSON"
LAYERS: Final = "the layers directory (default: one for each application, in the user's cache directory)"
_DIRECTORY: Final = (
    "the application directory in APP, relative to it (default: LAYERWRIGHT_APP_DIR, else as configured)"
)
_NAMED: Final = (
    "the application directory or script (default: the current directory, or the one that it chooses)"
)
_WIDEST: Final = 100


class _Formatter(argparse.HelpFormatter):
    """Keeps lines short enough to read on a wide terminal, and names beside their descriptions."""

    def __init__(self, prog: str) -> None:
        from shutil import get_terminal_size

        super().__init__(prog, max_help_position=24, width=min(get_terminal_size().columns, _WIDEST) - 2)

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if isinstance(action, argparse._SubParsersAction):
            # The base class forgets that the names of commands are indented further.
            self._action_max_length += self._indent_increment

    def _format_args(self, action: argparse.Action, default_metavar: str) -> str:
        # The base class shows three dots alone.
        rest = action.nargs == argparse.REMAINDER
        return f"[{action.metavar} ...]" if rest else super()._format_args(action, default_metavar)

    def _format_action(self, action: argparse.Action) -> str:
        shown = super()._format_action(action)
        # The title of the commands says what they are.
        return shown.partition("\n")[2] if isinstance(action, argparse._SubParsersAction) else shown


class Parser(argparse.ArgumentParser):
    """A parser that reports misuse in two lines, without secrets.

    Options cannot be abbreviated: an abbreviation in a script would stop working when an option is added.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": _Formatter, **options})

    @property
    def command(self) -> str:
        """The name of the command; empty for the program itself."""
        return self.prog.removeprefix(PROGRAM).strip()

    @property
    def options(self) -> tuple[str, ...]:
        """Every spelling of every option."""
        return tuple(self._option_string_actions)

    @property
    def takes_arguments(self) -> bool:
        """Whether there are arguments that are not options."""
        return any(not action.option_strings for action in self._actions)

    def takes_value(self, option: str) -> bool:
        """Return whether the word after *option* is its value."""
        action = self._option_string_actions.get(option)
        return action is not None and action.nargs is None

    def error(self, message: str) -> NoReturn:
        """Exit with 2, after *message* and where to read more."""
        if not message.startswith(PROGRAM):
            message = message[:1].upper() + message[1:]
        name = f" {self.command}" if self.command else ""
        what = "Usage" if name else "The commands"
        self.exit(2, f"Error: {redacted(message)}\n{what}: {PROGRAM} help{name}\n")

    def refuse(self, words: Iterable[str]) -> NoReturn:
        """Exit with 2, because *words* are not part of the grammar."""
        from difflib import get_close_matches

        words = tuple(words)
        unknown = next((word for word in words if word.startswith("-")), None)
        if unknown is None:
            self.error(f"Unexpected: {' '.join(words)}")
        name = unknown.partition("=")[0]
        # The dashes would make short names similar.
        long = (option[2:] for option in self.options if option.startswith("--"))
        near = get_close_matches(name.lstrip("-"), long, n=1)
        self.error(f"{self.prog} has no option {name}" + (f"; did you mean --{near[0]}?" if near else "."))


def add_tree(parser: Parser) -> None:
    """Add the argument for the source tree, and the option that chooses the application in it."""
    parser.add_argument("app", nargs="?", default=".", metavar="APP", help=_APP)
    parser.add_argument("--app", dest="directory", metavar="DIR", help=_DIRECTORY)


def add_application(parser: Parser) -> None:
    """Add the option that names the application directory of a command without an argument for it."""
    parser.add_argument("--app", metavar="DIR", help=_NAMED)


def nearest_word(word: str, words: Iterable[str]) -> str:
    """Return a question whether the most similar of *words* was meant; a full stop if none is similar."""
    from layerwright.config.tables import nearest

    return nearest(word, words) or "."


def command(commands: Any, name: str, summary: str, module: str = "", function: str = "run") -> Parser:
    """Add the command *name* to *commands*, and return its parser.

    It is executed by *function* of a *module* in ``layerwright.cli``, by default that of the same name.
    """
    parser: Parser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.set_defaults(run=_late(module or name, function))
    return parser


def _late(module: str, function: str) -> Callable[..., int]:
    """Return a function that imports its target only when it is called."""

    def run(*arguments: Any) -> int:
        return int(getattr(import_module(f"layerwright.cli.{module}"), function)(*arguments))

    return run
