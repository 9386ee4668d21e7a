"""Asks plugins what they add to an application, given its installed distributions."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from layerwright.build.hooks._watched import WatchedContext
from layerwright.build.installed.dist_info import names_in
from layerwright.build.layers import names
from layerwright.config.processes import FoundProcess, in_procfile, processes
from layerwright.contract.hooks import NotProposed, ProposedProcess
from layerwright.files.frozen import frozen
from layerwright.process.redaction import installers_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.contract.hooks import ContributedLayer, HookContext
    from layerwright.errors import PluginError
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.process.command import Command

__all__ = ["Asking", "Processes", "installed_names"]


class Processes(NamedTuple):
    """The process types, each with its origin; the warnings of plugins about those that they propose.

    ``not_proposed`` is what plugins looked for and did not find, each with the plugin.
    """

    found: tuple[FoundProcess, ...] = ()
    warnings: tuple[str, ...] = ()
    not_proposed: tuple[tuple[NotProposed, str], ...] = ()


@frozen
class Asking:
    """Asks plugins about a build whose layers so far compose *environment*.

    Plugins get the distributions that are installed now, unless *distributions* are given. An error of one is raised,
    unless *pass_over* returns true.
    """

    request: BuildRequest
    prepared: Prepared
    described: Described
    environment: Mapping[str, str]
    distributions: frozenset[str] | None = None
    pass_over: Callable[[str, PluginError], bool] | None = None

    def layers(self) -> tuple[tuple[ContributedLayer, EntryPoint], ...]:
        """Return each layer that a plugin contributes, with the plugin."""
        return self.prepared.plugins.layers(self._context, self._settings, self.pass_over)

    def post_install(self) -> tuple[tuple[Command, EntryPoint], ...]:
        """Return each command that a plugin runs after the install, with the plugin."""
        return self.prepared.plugins.post_install(self._context, self._settings, self.pass_over)

    def environment_for(self, entry_point: EntryPoint | None) -> dict[str, str]:
        """Return the environment for commands of the plugin, or of the application, without credentials of installers.

        Commands need the application's secrets, and the plugin's own: those in variables that begin with its name.
        """
        used = {"pip", *(manager.name for manager in (self.prepared.manager, *self.prepared.others))}
        known = {one.name for one in self.request.entry_points}
        own = {entry_point.name} if entry_point else set()
        credentials = installers_credentials(self.environment, (known - own) | used)
        joined = self.prepared.joined
        restored = joined.restored if joined is not None else {}
        return {n: v for n, v in self.environment.items() if n not in credentials} | dict(restored)

    def processes(self) -> Processes:
        """Return the process types: configuration and Procfile win over proposals of plugins.

        Those for other execution environments than the build's are left out: a lifecycle may not support them.
        """
        exec_env = self.request.exec_env
        proposed: dict[FoundProcess, ProposedProcess] = {}
        not_proposed: list[tuple[NotProposed, str]] = []
        for one, plugin in self.prepared.plugins.processes(self._context, self._settings, self.pass_over):
            if isinstance(one, NotProposed):
                not_proposed.append((one, plugin.label))
            elif not one.process.exec_env or exec_env in one.process.exec_env:
                origin = f"{plugin.label}, because {one.because}"
                proposed[FoundProcess(replace(one.process, exec_env=()), origin)] = one
        firm = {one.process.type for one in proposed.values() if not one.fallback}
        for found_process, one in list(proposed.items()):
            if one.fallback and (one.process.type in firm or self._defines_processes):
                del proposed[found_process]
        found = processes(self.prepared.configuration.processes, self.request.project, list(proposed))
        types, origins = {one.process.type for one in found}, {one.origin for one in found}
        return Processes(
            found,
            tuple(
                f"The process {one.process.type} ({origin}): {one.warning}"
                for (_, origin), one in proposed.items()
                if one.warning and origin in origins
            ),
            tuple(
                (one, label)
                for one, label in not_proposed
                if (one.type not in types if one.type else not types)
            ),
        )

    @cached_property
    def _defines_processes(self) -> bool:
        """Whether the configuration or the Procfile defines a process."""
        return bool(self.prepared.configuration.processes or in_procfile(self.request.project))

    def _context(self, entry_point: EntryPoint, settings: Any) -> HookContext:
        layers = self.request.layers
        return WatchedContext.of(
            layers.bring,
            project=self.request.project,
            interpreter=self.described.interpreter,
            target=self.request.target,
            venv=layers.layer_path(names.VENV),
            distributions=self._distributions,
            environment=self.environment_for(entry_point),
            layer=layers.path / names.plugin_layer(entry_point.name),
            exec_env=self.request.exec_env,
            settings=settings,
        )

    @property
    def _settings(self) -> Mapping[str, Any]:
        return self.prepared.configuration.tools

    @cached_property
    def _distributions(self) -> frozenset[str]:
        if self.distributions is not None:
            return self.distributions
        return installed_names(self.request, self.described)


def installed_names(request: BuildRequest, described: Described) -> frozenset[str]:
    """Return the normalised names of the distributions in the virtual environment now."""
    site_packages = described.interpreter.site_packages(request.layers.contents_path(names.VENV))
    return frozenset(name for name, _ in names_in(site_packages))
