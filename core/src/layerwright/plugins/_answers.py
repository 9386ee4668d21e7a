"""The answers of loaded plugins: each plugin is asked each question at most once."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from layerwright.config.reading import CORE_TABLES, ToolSettings
from layerwright.contract.names import is_plain_name
from layerwright.contract.package_manager import PackageManager
from layerwright.errors import LayerwrightError
from layerwright.plugins.blame import blaming, checked_value, defect

if TYPE_CHECKING:
    from collections.abc import Callable

    import pluggy

    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["DECLARATION", "Answers"]

T = TypeVar("T")
DECLARATION: Final = "package-manager.toml"
"""The file of a plugin's import package that declares its package manager."""


class Answers:
    """The answers of the plugins that are registered with *manager*, each under a key."""

    def __init__(self, manager: pluggy.PluginManager) -> None:
        self._manager: Final = manager
        self._known: Final[dict[tuple[str, str], Any]] = {}

    def package_managers(self, key: str, entry_point: EntryPoint) -> list[PackageManager]:
        """Return the package managers that the plugin provides, in Python and in TOML."""
        return self._once(key, "package managers", lambda: self._provided(key, entry_point))

    def settings_model(self, key: str, entry_point: EntryPoint) -> type[Any] | None:
        """Return the model of the plugin's own table, if it has one."""
        return self._once(key, "settings", lambda: self._settings_model(key, entry_point))

    def hooks(self, key: str) -> tuple[str, ...]:
        """Return the names of the hooks that the plugin implements."""
        callers = self._manager.get_hookcallers(self._manager.get_plugin(key)) or ()
        return tuple(caller.name for caller in callers)

    def implementing(self, hook: str) -> frozenset[str]:
        """Return the keys of the plugins that implement *hook*."""
        return frozenset(
            implementation.plugin_name for implementation in getattr(self._manager.hook, hook).get_hookimpls()
        )

    def values(
        self,
        key: str,
        entry_point: EntryPoint,
        hook: str,
        kind: type[T] | tuple[type[T], ...],
        **arguments: Any,
    ) -> list[T]:
        """Call *hook* of a single plugin, so that its exceptions can be attributed to it; each value is a *kind*."""
        label = entry_point.label
        with blaming(label, hook):
            values = [value for returned in self._caller(key, hook)(**arguments) for value in returned]
        return [checked_value(value, kind, label, hook) for value in values]

    def _once(self, key: str, question: str, ask: Callable[[], T]) -> T:
        """Return the remembered answer of the plugin, or raise its remembered error."""
        if (key, question) not in self._known:
            try:
                self._known[key, question] = ask()
            except LayerwrightError as error:
                self._known[key, question] = error
        answer = self._known[key, question]
        if isinstance(answer, LayerwrightError):
            raise answer
        found: T = answer
        return found

    def _provided(self, key: str, entry_point: EntryPoint) -> list[PackageManager]:
        found = self.values(key, entry_point, "layerwright_package_managers", PackageManager)
        found += self._declared(key)
        label, names = entry_point.label, set()
        for manager in found:
            with blaming(label, "name, display_name or settings_model"):
                name, kind = manager.name, type(manager).__name__
                if not is_plain_name(str(name)) or not manager.display_name:
                    raise defect(label, f"Its package manager {kind} has no valid name or display name.")
                if name in CORE_TABLES:
                    raise defect(
                        label, f'Its package manager {kind} has the name "{name}", which is already taken.'
                    )
                if not issubclass(manager.settings_model, ToolSettings):
                    raise defect(
                        label,
                        f"The settings_model of its package manager {kind} is not a subclass of ToolSettings.",
                    )
                if name in names:
                    raise defect(label, f'It provides two package managers with the name "{name}".')
            names.add(name)
        return found

    def _declared(self, key: str) -> list[PackageManager]:
        """Return the package manager that a file of the plugin's import package declares, if there is one."""
        places = getattr(self._manager.get_plugin(key), "__path__", ())
        files = [file for place in places if (file := Path(place, DECLARATION)).exists()]
        if not files:
            return []
        from layerwright.plugins.declarative.read import read_package_manager

        return [read_package_manager(file, in_build=True) for file in files]

    def _settings_model(self, key: str, entry_point: EntryPoint) -> type[Any] | None:
        with blaming(entry_point.label, "layerwright_settings"):
            models: list[type[Any]] = self._caller(key, "layerwright_settings")()
        model = next(iter(models), None)
        if model is None:
            return None
        if not is_plain_name(entry_point.name) or entry_point.name in CORE_TABLES:
            reason = f'Its table cannot be called "{entry_point.name}" like its entry point.'
            raise defect(entry_point.label, reason)
        if not _is_settings_model(model):
            reason = f"layerwright_settings returned {model!r}, which is not a dataclass with a default for each field."
            raise defect(entry_point.label, reason)
        return model

    def _caller(self, key: str, hook: str) -> pluggy.HookCaller:
        others = [plugin for name, plugin in self._manager.list_name_plugin() if name != key]
        return self._manager.subset_hook_caller(hook, others)


def _is_settings_model(model: object) -> bool:
    # A subclass of ToolSettings is the model of a package manager's table.
    return (
        isinstance(model, type)
        and is_dataclass(model)
        and not issubclass(model, ToolSettings)
        and all(f.default is not MISSING or f.default_factory is not MISSING for f in fields(model))
    )
