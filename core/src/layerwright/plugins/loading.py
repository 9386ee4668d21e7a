"""Imports plugins and registers their hooks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pluggy

from layerwright.contract.hooks import Hooks
from layerwright.plugins.api import refusal
from layerwright.plugins.blame import words_of
from layerwright.plugins.entry_points import PLUGIN_GROUP, disabled_in_vain
from layerwright.plugins.host import BrokenPlugin, Plugins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["load_plugins"]


def load_plugins(
    entry_points: Iterable[EntryPoint],
    *,
    disabled: Collection[str] = (),
    only: Collection[str] | None = None,
    hooks: Iterable[tuple[EntryPoint, object]] = (),
) -> Plugins:
    """Import the plugins among *entry_points* and register their hooks, and with them objects that are *hooks* already.

    With *only*, just the plugins whose entry points have these names are asked for package managers.

    Those that are *disabled*, by entry point name or by distribution name, are not even imported; nor are those that
    are made for another plugin API. These, and what cannot be imported or implements hooks that there are not, are
    among the result's ``broken``.
    """
    manager = pluggy.PluginManager("layerwright")
    manager.add_hookspecs(Hooks)
    loaded: dict[str, EntryPoint] = {}
    asked: set[str] = set()
    broken: list[BrokenPlugin] = []
    found = tuple(entry_points)
    wanted = (e for e in found if e.group == PLUGIN_GROUP and not {e.name, e.distribution} & {*disabled})
    for entry_point, plugin in (*((e, e.plugin) for e in wanted), *hooks):
        key = f"{entry_point.distribution}:{entry_point.module}"
        if only is None or entry_point.name in only:
            asked.add(key)
        if key in loaded:
            continue
        refused = refusal(entry_point, found) if plugin is None else None
        if refused is not None:
            broken.append(BrokenPlugin(entry_point=entry_point, reason=refused.cause, refused=refused))
            continue
        try:
            manager.register(import_module(entry_point.module) if plugin is None else plugin, key)
            # Otherwise a hook with a misspelt name would silently never be called.
            manager.check_pending()
        except (Exception, SystemExit) as error:
            if manager.has_plugin(key):
                manager.unregister(name=key)
            reason = f"Loading {entry_point.module} raised {words_of(error)}"
            broken.append(BrokenPlugin(entry_point=entry_point, reason=reason))
        else:
            loaded[key] = entry_point
    return Plugins(manager, loaded, broken, asked, disabled_in_vain(found, disabled))
