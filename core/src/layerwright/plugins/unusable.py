"""Plugins that no build can use, as far as ``detect`` can know without importing any."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from layerwright.plugins.api import refusal
from layerwright.plugins.blame import left_out
from layerwright.plugins.entry_points import PLUGIN_GROUP, disabled_without_effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["unusable"]


def unusable(entry_points: Sequence[EntryPoint], disabled: Iterable[str]) -> tuple[str, ...]:
    """Return a warning for each plugin that is missing or is for another API, unless it is *disabled*.

    Plugins are not imported to see whether that fails: it takes too long for the detect phase.
    """
    off = {*disabled}
    wanted = [e for e in entry_points if e.group == PLUGIN_GROUP and not {e.name, e.distribution} & off]
    return (*disabled_without_effect(entry_points, off), *dict.fromkeys(_broken(wanted, entry_points)))


def _broken(wanted: Iterable[EntryPoint], entry_points: Sequence[EntryPoint]) -> Iterator[str]:
    for entry_point in wanted:
        if entry_point.plugin is not None:
            continue
        refused = refusal(entry_point, entry_points)
        if refused is not None:
            yield left_out(entry_point, refused.cause)
        elif not _is_there(entry_point.module):
            yield left_out(entry_point, f"There is no module {entry_point.module}.")


def _is_there(module: str) -> bool:
    try:
        # Only the package: finding a module in it would import the package.
        return find_spec(module.partition(".")[0]) is not None
    except ValueError:
        return False
