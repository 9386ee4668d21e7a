"""Imports plugins and registers their hooks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import pluggy

from layerwright.contract.hooks import Hooks
from layerwright.plugins._answers import DECLARATION, Answers
from layerwright.plugins.api import refusal
from layerwright.plugins.blame import words_of
from layerwright.plugins.entry_points import PLUGIN_GROUP, disabled_without_effect
from layerwright.plugins.host import BrokenPlugin, Plugins

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["DECLARATION", "Loader", "load_plugins"]


class Loader:
    """Loads the plugins among *entry_points*, each at most once and not before it is needed.

    *hooks* are objects with hooks that need no import. Plugins that are *disabled*, by entry point name or by
    distribution name, are never imported; nor are plugins for another plugin API. The latter, and plugins that cannot
    be imported or implement an unknown hook, are in ``broken`` of the result.
    """

    def __init__(
        self,
        entry_points: Iterable[EntryPoint],
        *,
        disabled: Collection[str] = (),
        hooks: Iterable[tuple[EntryPoint, object]] = (),
    ) -> None:
        off = {*disabled}
        self._found: Final = tuple(entry_points)
        self._without_effect: Final = disabled_without_effect(self._found, disabled)
        wanted = (e for e in self._found if e.group == PLUGIN_GROUP and not {e.name, e.distribution} & off)
        self._plugins: Final = (*((e, e.plugin) for e in wanted), *hooks)
        self._manager: Final = pluggy.PluginManager("layerwright")
        self._manager.add_hookspecs(Hooks)
        self._answers: Final = Answers(self._manager)
        self._loaded: Final[dict[str, BrokenPlugin | None]] = {}

    def plugins(
        self, *, modules: Collection[str] | None = None, only: Collection[str] | None = None
    ) -> Plugins:
        """Return the plugins, or those in *modules*.

        With *only*, just the plugins whose entry points have these names are asked for package managers.
        """
        loaded: dict[str, EntryPoint] = {}
        asked: set[str] = set()
        broken: list[BrokenPlugin] = []
        for entry_point, plugin in self._plugins:
            if modules is not None and entry_point.module not in modules:
                continue
            key = f"{entry_point.distribution}:{entry_point.module}"
            if only is None or entry_point.name in only:
                asked.add(key)
            if key in loaded:
                continue
            failed = self._load(key, entry_point, plugin)
            if failed is None:
                loaded[key] = entry_point
            else:
                broken.append(failed)
        return Plugins(self._answers, loaded, broken, asked, self._without_effect)

    def _load(self, key: str, entry_point: EntryPoint, plugin: object) -> BrokenPlugin | None:
        """Register the plugin, unless it is registered; return why that is not possible."""
        if key in self._loaded:
            failed = self._loaded[key]
            return failed and failed._replace(entry_point=entry_point)
        self._loaded[key] = failed = self._register(key, entry_point, plugin)
        return failed

    def _register(self, key: str, entry_point: EntryPoint, plugin: object) -> BrokenPlugin | None:
        refused = refusal(entry_point, self._found) if plugin is None else None
        if refused is not None:
            return BrokenPlugin(entry_point=entry_point, reason=refused.cause, refused=refused)
        try:
            self._manager.register(import_module(entry_point.module) if plugin is None else plugin, key)
            # Otherwise a hook with a misspelt name would silently never be called.
            self._manager.check_pending()
        except (Exception, SystemExit) as error:
            if self._manager.has_plugin(key):
                self._manager.unregister(name=key)
            reason = f"Loading {entry_point.module} raised {words_of(error)}"
            return BrokenPlugin(entry_point=entry_point, reason=reason)
        return None


def load_plugins(
    entry_points: Iterable[EntryPoint],
    *,
    disabled: Collection[str] = (),
    only: Collection[str] | None = None,
    hooks: Iterable[tuple[EntryPoint, object]] = (),
) -> Plugins:
    """Return the plugins among *entry_points*, as :class:`Loader` loads them."""
    return Loader(entry_points, disabled=disabled, hooks=hooks).plugins(only=only)
