"""Asks plugins what they add to an application, given its installed distributions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from layerwright.build.installed.dist_info import names_in
from layerwright.build.layers import names
from layerwright.config.processes import FoundProcess, processes
from layerwright.contract.hooks import HookContext
from layerwright.process.redaction import installers_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.build._specify import Described
    from layerwright.build.choose.prepare import Prepared
    from layerwright.build.request import BuildRequest
    from layerwright.contract.hooks import ContributedLayer
    from layerwright.errors import PluginError
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.process.command import Command

__all__ = ["Asking", "installed_names"]


@dataclass(frozen=True, kw_only=True)
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

    def environment_for(self, entry_point: EntryPoint) -> dict[str, str]:
        """Return the environment for commands of the plugin, without credentials of package managers.

        Commands need the application's secrets, and the plugin's own: those in variables that begin with its name.
        """
        used = {"pip", *(manager.name for manager in (self.prepared.manager, *self.prepared.others))}
        known = {one.name for one in self.request.entry_points}
        credentials = installers_credentials(self.environment, (known - {entry_point.name}) | used)
        return {name: value for name, value in self.environment.items() if name not in credentials}

    def processes(self) -> tuple[FoundProcess, ...]:
        """Return the process types, each with its origin: configuration and Procfile win over proposals of plugins.

        Those for other execution environments than the build's are left out: a lifecycle may not support them.
        """
        exec_env = self.request.exec_env
        proposals = self.prepared.plugins.processes(self._context, self._settings, self.pass_over)
        return processes(
            self.prepared.configuration.processes,
            self.request.project,
            [
                FoundProcess(
                    replace(proposed.process, exec_env=()), f"{entry_point.label}, because {proposed.because}"
                )
                for proposed, entry_point in proposals
                if not proposed.process.exec_env or exec_env in proposed.process.exec_env
            ],
        )

    def _context(self, entry_point: EntryPoint, settings: Any) -> HookContext:
        layers = self.request.layers
        return HookContext(
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
