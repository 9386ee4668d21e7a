"""The grammar of ``layerwright cache`` and the commands below it."""

from __future__ import annotations

import argparse
from typing import Any

from layerwright.cli.grammar.command import JSON, command

__all__ = ["add_cache"]


def add_cache(commands: Any) -> None:
    """Add the commands to *commands*."""
    show = command(commands, "cache", "show what is in the cache directory, with sizes", "cache.show")
    show.add_argument("--json", action="store_true", help=JSON)

    prune = command(
        commands,
        "cache prune",
        "remove what belongs to applications that are gone, and downloads not used for 30 days",
        "cache.prune",
    )
    which = prune.add_mutually_exclusive_group()
    which.add_argument(
        "--older-than",
        metavar="DAYS",
        type=_days,
        help="remove everything that was not used for DAYS, layers of applications included",
    )
    which.add_argument("--all", action="store_true", help="remove everything that is not in use")
    prune.add_argument("--dry-run", action="store_true", help="only show what would be removed")

    command(commands, "cache dir", "print the path of the cache directory", "cache.show", "directory")


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not days >= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of days")
    return days
