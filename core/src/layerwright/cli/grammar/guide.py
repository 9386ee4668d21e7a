"""The grammar of ``layerwright completion`` and ``layerwright help``."""

from __future__ import annotations

from typing import Any, Final

from layerwright.cli.grammar.command import command

__all__ = ["add_guide"]

_SHELLS: Final = ("bash", "fish", "zsh")


def add_guide(commands: Any) -> None:
    """Add the commands to *commands*."""
    completion = command(
        commands,
        "completion",
        "print a script for a shell that completes commands and options",
        "guide.completion",
    )
    completion.add_argument("shell", metavar="SHELL", choices=_SHELLS, help=f"one of {', '.join(_SHELLS)}")

    topics = command(commands, "help", "describe the commands, or one of them", "guide.help")
    topics.add_argument("topic", nargs="*", metavar="COMMAND", help="for example config set")
    topics.add_argument("--man", action="store_true", help="print the manual page, in the notation of man(7)")
