"""``layerwright completion``: prints the script with which a shell completes commands, options and directories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.cli.grammar.command import Parser
from layerwright.cli.parser import build_parser, commands_of, summaries_of

if TYPE_CHECKING:
    import argparse
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]

_DIRECTORIES: Final = frozenset({"APP", "APP|IMAGE", "DIR", "SOURCE"})
_FILES: Final = frozenset({"ARGS", "FILE", "PATH"})


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Print the script for the given shell."""
    del environment
    import shtab

    log.line(shtab.complete(_nested(), arguments.shell).rstrip("\n"))
    return 0


def _nested() -> Parser:
    """Return the grammar with ``set`` as a command of ``config``, as shells see it: word by word."""
    program = build_parser()
    commands, summaries = commands_of(program), summaries_of(program)
    nested = Parser(prog=program.prog, description=program.description, add_help=False)
    for action in program._actions:
        if action.option_strings:
            nested._add_action(action)
    first = nested.add_subparsers(dest="command")
    below: dict[str, argparse._SubParsersAction[Parser]] = {}
    for name, parser in commands.items():
        group, _, word = name.rpartition(" ")
        is_group = any(other.startswith(f"{name} ") for other in commands)
        place = below[group] if group else first
        copy = place.add_parser(word, help=summaries[name], description=parser.description, add_help=False)
        for action in parser._actions:
            # A command of the group stands where its directory would.
            if action.option_strings or not is_group:
                copy._add_action(_completed(action))
        if is_group:
            below[name] = copy.add_subparsers(dest=f"{name} command")
    return nested


def _completed(action: argparse.Action) -> argparse.Action:
    """Return *action*, marked with how its value is completed."""
    import shtab

    kinds = {**dict.fromkeys(_DIRECTORIES, shtab.DIRECTORY), **dict.fromkeys(_FILES, shtab.FILE)}
    if action.metavar in kinds:
        action.complete = kinds[str(action.metavar)]  # type: ignore[attr-defined]
    return action
