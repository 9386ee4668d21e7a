"""The loaded plugins: calls their hooks one by one, and returns typed results."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from layerwright.contract.hooks import ContributedLayer, NotProposed, ProposedProcess
from layerwright.errors import LayerwrightError, PluginError
from layerwright.plugins.blame import conflict, defect, left_out
from layerwright.plugins.wrong_types import checked_parts
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from layerwright.contract.hooks import HookContext
    from layerwright.contract.package_manager import PackageManager
    from layerwright.plugins._answers import Answers
    from layerwright.plugins.entry_points import EntryPoint

    Context = Callable[[EntryPoint, Any], HookContext]
    PassOver = Callable[[str, PluginError], bool]

__all__ = ["BrokenPlugin", "Plugins"]

T = TypeVar("T")
Proposal = ProposedProcess | NotProposed
Part = TypeVar("Part", bound=Command | ContributedLayer | Proposal)
_PROPOSALS: Final[tuple[type[Proposal], ...]] = (ProposedProcess, NotProposed)


class BrokenPlugin(NamedTuple):
    """A plugin that could not be loaded, and why; ``refused`` is the error if that is not its own defect."""

    entry_point: EntryPoint
    reason: str
    refused: PluginError | None = None

    @property
    def error(self) -> PluginError:
        """The error for a build in which this plugin could have taken part."""
        entry_point = self.entry_point
        return self.refused or defect(entry_point.label, self.reason, table=entry_point.plugin is not None)


class Plugins:
    """The loaded plugins, and what they provide.

    ``broken`` are the plugins that could not be loaded. ``disabled_without_effect`` has a sentence for each
    disabled name that is not installed.
    """

    def __init__(
        self,
        answers: Answers,
        entry_points: Mapping[str, EntryPoint],
        broken: Iterable[BrokenPlugin] = (),
        asked: Collection[str] = (),
        disabled_without_effect: Iterable[str] = (),
    ) -> None:
        self._answers = answers
        self._entry_points = entry_points
        self.broken: Final = list(broken)
        self.disabled_without_effect: Final = tuple(disabled_without_effect)
        self._package_managers: dict[str, tuple[PackageManager, EntryPoint]] = {}
        self._conflicts: dict[str, PluginError] = {}
        provided: dict[str, list[tuple[PackageManager, EntryPoint]]] = {}
        for key, entry_point in entry_points.items():
            if key not in asked:
                continue
            try:
                for package_manager in answers.package_managers(key, entry_point):
                    provided.setdefault(package_manager.name, []).append((package_manager, entry_point))
            except LayerwrightError as error:
                self.broken.append(BrokenPlugin(entry_point=entry_point, reason=error.cause or error.summary))
        for name, claims in provided.items():
            if len(claims) == 1:
                self._package_managers[name] = claims[0]
                continue
            both = self._conflicts[name] = conflict(f'the package manager "{name}"', [c for _, c in claims])
            self.broken.extend(BrokenPlugin(c, f"{both.summary} {both.cause}", both) for _, c in claims)

    @property
    def warnings(self) -> tuple[str, ...]:
        """A warning for each plugin that is ignored, and for each disabled name that is not installed."""
        return (*self.disabled_without_effect, *(left_out(b.entry_point, b.reason) for b in self.broken))

    @property
    def package_managers(self) -> Mapping[str, PackageManager]:
        """The package managers by name."""
        return {name: manager for name, (manager, _) in self._package_managers.items()}

    @cached_property
    def tables(self) -> Mapping[str, type[Any]]:
        """The models of the plugins' tables in the configuration, by name.

        ``PluginError``: two plugins have the same table, or a model is invalid.
        """
        claimed = {
            name: (manager.settings_model, entry_point)
            for name, (manager, entry_point) in self._package_managers.items()
        }
        for key in self._implementing("layerwright_settings"):
            entry_point = self._entry_points[key]
            model = self._answers.settings_model(key, entry_point)
            if model is None:
                continue
            if entry_point.name in claimed:
                raise _claimed_twice(entry_point, claimed[entry_point.name][1])
            claimed[entry_point.name] = model, entry_point
        return {name: model for name, (model, _) in claimed.items()}

    @property
    def entry_points(self) -> tuple[EntryPoint, ...]:
        """The entry points of the loaded plugins."""
        return tuple(self._entry_points.values())

    def package_manager(self, name: str) -> PackageManager:
        """Return the package manager *name*; ``PluginError``: the plugin with this entry point does not provide it."""
        if name in self._package_managers:
            return self._package_managers[name][0]
        self.refuse_broken([name])
        label = next((e.label for e in self.entry_points if e.name == name), "a plugin")
        raise defect(label, f'Its entry point "{name}" provides no package manager of that name.')

    def refuse_broken(self, names: Collection[str]) -> None:
        """Raise the error of the first broken plugin with one of *names*, or with a package manager of that name."""
        for name, several in self._conflicts.items():
            if name in names:
                raise several
        for broken in self.broken:
            if broken.entry_point.name in names:
                raise broken.error

    def provider(self, name: str) -> EntryPoint:
        """Return the entry point of the plugin that provides the package manager *name*."""
        return self._package_managers[name][1]

    def hooks(self, entry_point: EntryPoint) -> tuple[str, ...]:
        """Return the names of the hooks that the plugin of *entry_point* implements; none if it was not loaded."""
        keys = [key for key, loaded in self._entry_points.items() if loaded == entry_point]
        return tuple(name for key in keys for name in self._answers.hooks(key))

    @property
    def asked_after_install(self) -> tuple[str, ...]:
        """The labels of plugins that are asked for layers, commands and processes once the install is complete."""
        hooks = ("layerwright_layers", "layerwright_post_install", "layerwright_processes")
        keys = {key for hook in hooks for key in self._implementing(hook)}
        return tuple(entry_point.label for key, entry_point in self._entry_points.items() if key in keys)

    def layers(
        self, context: Context, settings: Mapping[str, Any], pass_over: PassOver | None = None
    ) -> tuple[tuple[ContributedLayer, EntryPoint], ...]:
        """Return each layer that a plugin contributes, with the plugin.

        *context* is called for each plugin that implements the hook, with the plugin and its table of *settings*. A
        defect of one is raised, unless *pass_over* returns true.
        """
        return self._checked("layerwright_layers", ContributedLayer, context, settings, pass_over)

    def post_install(
        self, context: Context, settings: Mapping[str, Any], pass_over: PassOver | None = None
    ) -> tuple[tuple[Command, EntryPoint], ...]:
        """Return each command that a plugin runs after the install; the arguments are as for :meth:`layers`."""
        return self._checked("layerwright_post_install", Command, context, settings, pass_over)

    def processes(
        self, context: Context, settings: Mapping[str, Any], pass_over: PassOver | None = None
    ) -> tuple[tuple[Proposal, EntryPoint], ...]:
        """Return each process that a plugin proposes or says why not; the arguments are as for :meth:`layers`."""
        return self._checked("layerwright_processes", _PROPOSALS, context, settings, pass_over)

    def _implementing(self, hook: str) -> list[str]:
        """Return the keys of the plugins that implement *hook*, in order."""
        having = self._answers.implementing(hook)
        return [key for key in self._entry_points if key in having]

    def _checked(
        self,
        hook: str,
        kind: type[Part] | tuple[type[Part], ...],
        context: Context,
        settings: Mapping[str, Any],
        pass_over: PassOver | None,
    ) -> tuple[tuple[Part, EntryPoint], ...]:
        found = self._call(hook, kind, context, settings, pass_over)
        return tuple((checked_parts(one, kind, plugin.label, hook), plugin) for one, plugin in found)

    def _call(
        self,
        hook: str,
        kind: type[T] | tuple[type[T], ...],
        context: Context,
        settings: Mapping[str, Any],
        pass_over: PassOver | None,
    ) -> tuple[tuple[T, EntryPoint], ...]:
        called, with_table = self._implementing(hook), self._implementing("layerwright_settings")
        found: list[tuple[T, EntryPoint]] = []
        for key in called:
            entry_point = self._entry_points[key]
            own = settings.get(entry_point.name) if key in with_table else None
            try:
                values = self._answers.values(key, entry_point, hook, kind, context=context(entry_point, own))
            except PluginError as error:
                if pass_over is not None and pass_over(entry_point.label, error):
                    continue
                raise
            found += [(value, entry_point) for value in values]
        return tuple(found)


def _claimed_twice(one: EntryPoint, other: EntryPoint) -> PluginError:
    if one.label == other.label:
        return defect(
            one.label, f'It has two tables called "{one.name}": its own, and its package manager\'s.'
        )
    return conflict(f'settings in a table called "{one.name}"', [one, other])
