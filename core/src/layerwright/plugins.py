"""Finds plugins, calls their hooks one by one, returns typed results, and assigns blame."""

from __future__ import annotations

import re
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import pluggy

from layerwright.cnb.launch import Process
from layerwright.command import Command
from layerwright.entry_points import PLUGIN_GROUP
from layerwright.errors import LayerwrightError, PluginError
from layerwright.hookspecs import Hooks, LaunchContext, PostInstallContext
from layerwright.package_manager import PackageManager

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from layerwright.entry_points import EntryPoint

__all__ = ["BrokenPlugin", "Plugins", "blaming", "checked_value", "defect", "load_plugins"]

T = TypeVar("T")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class BrokenPlugin(NamedTuple):
    """A plugin that could not be loaded, and why."""

    entry_point: EntryPoint
    reason: str

    @property
    def error(self) -> PluginError:
        """The error for a build in which this plugin could have taken part."""
        return defect(self.entry_point.label, self.reason)


def defect(label: str, reason: str) -> PluginError:
    """Return the error that says: *label* (a distribution and its version) is at fault, not the application."""
    return PluginError(
        f"This is a defect in {label}, not in your application.",
        cause=reason,
        remedy=(
            "Install another version of that plugin, or report this to its authors.",
            "If the application does not need it, name it in LAYERWRIGHT_DISABLE_PLUGINS.",
        ),
        reference="plugin-defect",
    )


@contextmanager
def blaming(label: str, what: str = "It") -> Iterator[None]:
    """Turn what a plugin raises into its defect; a ``LayerwrightError`` is what a plugin may raise on purpose.

    *what* of the plugin is called, in words.
    """
    try:
        yield
    except LayerwrightError:
        raise
    except (Exception, SystemExit) as error:
        raise defect(label, f"{what} raised {_words(error)}") from error


def checked_value(value: object, kind: type[T], label: str, what: str) -> T:
    """Return *value*, which *what* of the plugin *label* returned, if it is a *kind*; its defect otherwise."""
    if isinstance(value, kind):
        return value
    raise defect(label, f"{what} returned {value!r}, which is not a {kind.__name__}.")


class Plugins:
    """The plugins that could be loaded, and what they provide; ``broken`` are those that could not."""

    def __init__(
        self,
        manager: pluggy.PluginManager,
        entry_points: Mapping[str, EntryPoint],
        broken: Iterable[BrokenPlugin] = (),
        only: Collection[str] | None = None,
    ) -> None:
        self._manager = manager
        self._entry_points = entry_points
        self.broken: Final = list(broken)
        self._package_managers: dict[str, tuple[PackageManager, EntryPoint]] = {}
        for key, entry_point in entry_points.items():
            if only is not None and entry_point.name not in only:
                continue
            try:
                provided = self._values(key, "layerwright_package_managers", PackageManager)  # type: ignore[type-abstract]
            except LayerwrightError as error:
                self.broken.append(BrokenPlugin(entry_point=entry_point, reason=error.cause or error.summary))
            else:
                for package_manager in provided:
                    self._add(package_manager, entry_point)

    @property
    def package_managers(self) -> Mapping[str, PackageManager]:
        """The package managers by name."""
        return {name: manager for name, (manager, _) in self._package_managers.items()}

    @property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """The entry points of the plugins that were loaded."""
        return tuple(self._entry_points.values())

    def package_manager(self, name: str) -> PackageManager:
        """Return the package manager *name*, which an entry point has the name of; else that is a defect."""
        for broken in self.broken:
            if broken.entry_point.name == name:
                raise broken.error
        if name not in self._package_managers:
            label = next((e.label for e in self.entry_points if e.name == name), "a plugin")
            raise defect(label, f'Its entry point "{name}" provides no package manager of that name.')
        return self._package_managers[name][0]

    def provider(self, name: str) -> EntryPoint:
        """Return the entry point of the plugin that provides the package manager *name*."""
        return self._package_managers[name][1]

    def processes(self, context: Callable[[], LaunchContext]) -> tuple[tuple[Process, str], ...]:
        """Return each process that a plugin proposes, with its label; *context* is asked for only if one might."""
        return self._call("layerwright_processes", Process, context)

    def post_install(self, context: Callable[[], PostInstallContext]) -> tuple[tuple[Command, str], ...]:
        """Return each command that a plugin wants run after the install, as :meth:`processes` does."""
        return self._call("layerwright_post_install", Command, context)

    def _add(self, manager: PackageManager, entry_point: EntryPoint) -> None:
        name = getattr(manager, "name", "")
        if not _NAME.fullmatch(str(name)) or not getattr(manager, "display_name", ""):
            reason = f"Its package manager {type(manager).__name__} has no usable name or display name."
            self.broken.append(BrokenPlugin(entry_point=entry_point, reason=reason))
            return
        if name in self._package_managers:
            other = self._package_managers[name][1]
            raise PluginError(
                f'Two plugins provide the package manager "{name}".',
                cause=f"They are {other.label} and {entry_point.label}.",
                remedy="Uninstall one of them, or name it in LAYERWRIGHT_DISABLE_PLUGINS.",
                reference="plugin-conflict",
            )
        self._package_managers[name] = (manager, entry_point)

    def _call(self, hook: str, kind: type[T], context: Callable[[], Any]) -> tuple[tuple[T, str], ...]:
        if not getattr(self._manager.hook, hook).get_hookimpls():
            return ()
        made = context()
        return tuple(
            (value, entry_point.label)
            for key, entry_point in self._entry_points.items()
            for value in self._values(key, hook, kind, context=made)
        )

    def _values(self, key: str, hook: str, kind: type[T], **arguments: Any) -> list[T]:
        """Call *hook* of one plugin by itself, so that what it raises can be laid at its door."""
        label = self._entry_points[key].label
        others = [plugin for name, plugin in self._manager.list_name_plugin() if name != key]
        caller = self._manager.subset_hook_caller(hook, others)
        with blaming(label, hook):
            values = [value for returned in caller(**arguments) for value in returned]
        return [checked_value(value, kind, label, hook) for value in values]


def load_plugins(
    entry_points: Iterable[EntryPoint],
    *,
    disabled: Collection[str] = (),
    only: Collection[str] | None = None,
    hooks: Iterable[tuple[EntryPoint, object]] = (),
) -> Plugins:
    """Import the plugins among *entry_points* and register their hooks, and with them objects that are *hooks* already.

    With *only*, just the plugins whose entry points have these names are asked for package managers.

    Those that are *disabled*, by entry point name or by distribution name, are not even imported. One that
    cannot be imported, or implements hooks that there are not, is among the result's ``broken``.
    """
    manager = pluggy.PluginManager("layerwright")
    manager.add_hookspecs(Hooks)
    loaded: dict[str, EntryPoint] = {}
    broken: list[BrokenPlugin] = []
    wanted = (
        e for e in entry_points if e.group == PLUGIN_GROUP and not {e.name, e.distribution} & {*disabled}
    )
    for entry_point, plugin in (*((e, None) for e in wanted), *hooks):
        key = f"{entry_point.distribution}:{entry_point.module}"
        if key in loaded:
            continue
        try:
            manager.register(import_module(entry_point.module) if plugin is None else plugin, key)
            # Otherwise a hook with a misspelt name is never called, and nobody is told.
            manager.check_pending()
        except (Exception, SystemExit) as error:
            if manager.has_plugin(key):
                manager.unregister(name=key)
            reason = f"Loading {entry_point.module} raised {_words(error)}"
            broken.append(BrokenPlugin(entry_point=entry_point, reason=reason))
        else:
            loaded[key] = entry_point
    return Plugins(manager, loaded, broken, only)


def _words(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text}" if text else f"{type(error).__name__}."
