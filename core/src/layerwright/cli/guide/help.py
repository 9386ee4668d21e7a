"""``layerwright help``: describes the commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from layerwright.cli.grammar.command import nearest_word
from layerwright.cli.parser import build_parser, commands_of

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Describe the given command or all of them, or print the manual page; exits with 2 if there is no such command."""
    del environment
    program, topic = build_parser(), " ".join(arguments.topic)
    if arguments.man:
        from layerwright import __version__
        from layerwright.cli.guide.manual import manual

        log.line(manual(program, __version__).rstrip("\n"))
        return 0
    known = {"": program, **commands_of(program)}
    if topic not in known:
        program.error(f"There is no command {topic}{nearest_word(topic, known)}")
    known[topic].print_help(sys.stdout)
    return 0
