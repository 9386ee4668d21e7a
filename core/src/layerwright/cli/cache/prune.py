"""``layerwright cache prune``: removes what is no longer used from the user's cache directory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from layerwright.local.cache.pruning import Rule, prune
from layerwright.local.places import default_cache
from layerwright.output.words import bytes_words
from layerwright.process.boundary import terminable

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Prune, and print each entry with the reason."""
    rule = Rule(now=time.time(), days=arguments.older_than, everything=arguments.all)
    freed = count = 0
    with terminable():
        for one in prune(default_cache(environment), rule, dry_run=arguments.dry_run):
            size = bytes_words(one.entry.size)
            if one.removed:
                count, freed = count + 1, freed + one.entry.size
                log.note(f"{size:>8}  {one.entry.name}: {one.reason}")
            else:
                log.note(f"{'kept':>8}  {one.entry.name}: in use")
    if not count:
        log.line("Nothing to remove.")
    elif arguments.dry_run:
        log.line(f"{bytes_words(freed)} would be freed.")
    else:
        log.line(f"{bytes_words(freed)} freed.")
    return 0
