"""The plugin APIs that a distribution declares, and whether this Layerwright supports one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.errors import PluginError
from layerwright.plugins.entry_points import API_GROUP, PLUGIN_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["PLUGIN_API", "api_number", "declared_apis", "refusal"]

PLUGIN_API: Final = 2
"""The plugin API of this Layerwright: a plugin that declares only others is refused without being imported."""


def declared_apis(entry_point: EntryPoint, entry_points: Iterable[EntryPoint]) -> tuple[str, ...]:
    """Return the APIs that the distribution of *entry_point* declares for its module, as written; ``1`` without any.

    Each is the name of an entry point in the group ``layerwright.api``. A plugin works with every API that it
    declares. An API for a module that is not a plugin of the distribution applies to the plugins that declare none.
    """
    own = [e for e in entry_points if e.distribution == entry_point.distribution]
    plugins = {e.module for e in own if e.group == PLUGIN_GROUP}
    declared = [e for e in own if e.group == API_GROUP]
    exact = [e.name for e in declared if e.module == entry_point.module]
    return tuple(exact or [e.name for e in declared if e.module not in plugins]) or ("1",)


def api_number(name: str) -> int:
    """Return *name* as a number from 1 on; 0 if it is not one."""
    # Not longer than int() accepts.
    return int(name) if name.isascii() and name.isdecimal() and len(name) < 10 else 0


def refusal(entry_point: EntryPoint, entry_points: Iterable[EntryPoint]) -> PluginError | None:
    """Return why this Layerwright cannot load the plugin of *entry_point*; ``None`` if it can."""
    # A table of the configuration is written in the grammar of this Layerwright.
    if entry_point.plugin is not None:
        return None
    declared = declared_apis(entry_point, entry_points)
    if PLUGIN_API in map(api_number, declared):
        return None
    label, distribution = entry_point.label, entry_point.distribution
    malformed = [f'"{name}"' for name in declared if not api_number(name)]
    if malformed:
        cause = f"It declares the plugin API {' and '.join(malformed)}, which is not a number."
        remedy = f"Install another version of {distribution}, or report this to its authors."
    else:
        newest = max(map(api_number, declared))
        theirs = " and ".join(declared)
        cause = f"It supports plugin API {theirs}, but this Layerwright has plugin API {PLUGIN_API}."
        remedy = (
            f"Install a newer Layerwright, or an older {distribution}."
            if newest > PLUGIN_API
            else f"Install a newer {distribution}, or an older Layerwright."
        )
    return PluginError(
        f"{label} does not work with this Layerwright.",
        cause=cause,
        remedy=(remedy, "If the application does not need it, add it to LAYERWRIGHT_DISABLE_PLUGINS."),
        reference="plugin-api",
    )
