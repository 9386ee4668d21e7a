"""The plugin that is being checked, and what its hooks add to an application."""

from __future__ import annotations

import inspect
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.hooks.contributed import named_layers
from layerwright.build.layers.commands import Places, command_inputs
from layerwright.cnb.api import PRODUCTION
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.contract.hooks import NotProposed, ProposedProcess
from layerwright.errors import UserError
from layerwright.plugins.entry_points import PLUGIN_GROUP, EntryPoint, entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.testing.applications import Application
from layerwright.testing.conformance.trial.verdict import fail, told
from layerwright.testing.requests import LAYERS, hook_context

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from layerwright.contract.hooks import ContributedLayer, HookContext
    from layerwright.plugins.host import Plugins
    from layerwright.process.command import Command

__all__ = ["Contributions", "HookSubject", "find_plugin"]

_NAME: Final = "example"
_ADDING: Final = ("layerwright_layers", "layerwright_post_install", "layerwright_processes")
_HERE: Final = Places(application=LAYERS.with_name("application"))


class Contributions(NamedTuple):
    """What the hooks of a plugin add to an application."""

    layers: tuple[ContributedLayer, ...] = ()
    post_install: tuple[Command, ...] = ()
    processes: tuple[ProposedProcess, ...] = ()
    not_proposed: tuple[NotProposed, ...] = ()

    @property
    def commands(self) -> Iterator[Command]:
        """Every command that a build may run."""
        for layer in self.layers:
            yield from layer.commands
        yield from self.post_install

    @property
    def inputs(self) -> dict[str, str]:
        """The inputs of every layer, including those that core adds."""
        return {
            f"layer {layer.name or '(unnamed)'}, {name}": value
            for layer in self.layers
            for name, value in {
                **layer.inputs,
                **command_inputs(layer.commands, _HERE, layer.inputs),
                "depends_on": ", ".join(layer.depends_on),
            }.items()
        }


def find_plugin(plugin: object) -> tuple[Plugins, EntryPoint, tuple[EntryPoint, ...]]:
    """Return *plugin* loaded alone, its entry point, and all entry points of its distribution.

    *plugin* is the name of an entry point, or a module or object with hooks.
    """
    if not isinstance(plugin, str):
        own = EntryPoint(PLUGIN_GROUP, _NAME, _NAME, _NAME, "0")
        return load_plugins((), hooks=[(own, plugin)]), own, ()
    known = entry_points()
    own_all = [e for e in known if e.group == PLUGIN_GROUP and e.name == plugin]
    if not own_all:
        there = sorted({e.name for e in known if e.group == PLUGIN_GROUP})
        fail(
            f'No installed distribution has an entry point "{plugin}" in the group "{PLUGIN_GROUP}".',
            why="Core finds plugins by their entry points, and so does this kit.",
            instead="install the plugin into the environment of its tests: python -m pip install --editable .",
            shown=[f"There are: {', '.join(there) or 'none'}"],
        )
    theirs = tuple(e for e in known if e.distribution == own_all[0].distribution)
    alone = [e for e in theirs if e.group != PLUGIN_GROUP or e.name == plugin]
    plugins = load_plugins(alone, only=())
    with told(instead="correct the plugin; `layerwright plugins` reports the same."):
        for broken in plugins.broken:
            raise broken.error
    return plugins, own_all[0], theirs


@dataclass(frozen=True, kw_only=True)
class HookSubject:
    """A plugin, and an application in ``app`` with the installed ``distributions`` and the table ``configured``.

    ``given`` is the plugin as the test named it. ``home`` is the home directory of the user whose variables are in
    ``environment``. ``secrets`` are names of variables and settings that hold a password or a token. ``samples`` maps
    the key of a setting to a value to try.
    """

    given: object
    plugins: Plugins
    entry_point: EntryPoint
    entry_points: tuple[EntryPoint, ...]
    app: Application
    home: Path
    distributions: Collection[str]
    configured: Mapping[str, object] = field(default_factory=dict)
    secrets: Collection[str] = ()
    samples: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(
        cls, plugin: object, application: Callable[[Application], None], root: Path, **more: Any
    ) -> HookSubject:
        """Return *plugin* with an application in *root*."""
        plugins, entry_point, theirs = find_plugin(plugin)
        app, home = Application(root / "app"), root / "home"
        app.path.mkdir(parents=True)
        home.mkdir()
        application(app)
        return cls(
            given=plugin,
            plugins=plugins,
            entry_point=entry_point,
            entry_points=theirs,
            app=app,
            home=home,
            **more,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The user's variables."""
        return {"HOME": str(self.home)}

    @property
    def model(self) -> type[Any] | None:
        """The settings model of the plugin, if it has one."""
        return self.plugins.tables.get(self.entry_point.name)

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """The keys of the plugin's table, each with the name of its field."""
        if self.model is None or not is_dataclass(self.model):
            return ()
        return tuple((f.name.rstrip("_").replace("_", "-"), f.name) for f in fields(self.model))

    @property
    def sources(self) -> tuple[Path, ...]:
        """The modules of the plugin."""
        if isinstance(self.given, str):
            module = sys.modules[self.entry_point.module]
        else:
            module = inspect.getmodule(self.given) or sys.modules[type(self.given).__module__]
        file = Path(str(module.__file__))
        return tuple(sorted(file.parent.rglob("*.py"))) if file.name == "__init__.py" else (file,)

    def settings_of(self, table: Mapping[str, object]) -> Any:
        """Return the settings from *table*. Raises ``UserError`` if they are invalid."""
        if self.model is None:
            return None
        name = self.entry_point.name
        sources = Sources({"layerwright.toml": {name: dict(table)}}, {})
        return configure(sources, {name: self.model}).tools[name]

    def describe(
        self,
        *,
        settings: Mapping[str, object] | None = None,
        environment: Mapping[str, str] | None = None,
        exec_env: str = PRODUCTION,
    ) -> Contributions:
        """Return what the plugin adds; *settings* override the configured ones. An error fails the check."""
        with told():
            return self.ask(
                settings={**self.configured, **(settings or {})}, environment=environment, exec_env=exec_env
            )

    def describe_if_it_can_be(self, **given: Any) -> Contributions | None:
        """Return the same, or ``None`` if the plugin refuses these arguments."""
        with told(), suppress(UserError):
            return self.ask(
                settings={**self.configured, **given.get("settings", {})},
                environment=given.get("environment"),
                exec_env=given.get("exec_env", PRODUCTION),
            )
        return None

    def ask(
        self,
        *,
        settings: Mapping[str, object],
        app: Application | None = None,
        distributions: Collection[str] | None = None,
        environment: Mapping[str, str] | None = None,
        exec_env: str = PRODUCTION,
    ) -> Contributions:
        """Return what the plugin adds to *app*, by default its own application. Raises the errors of a build."""
        name = self.entry_point.name

        def context(_entry_point: EntryPoint, own: Any) -> HookContext:
            return hook_context(
                app or self.app,
                distributions=self.distributions if distributions is None else distributions,
                settings=own,
                environment=self.environment if environment is None else environment,
                name=name,
                exec_env=exec_env,
            )

        tables = {name: self.settings_of(settings)}
        layers = named_layers(self.plugins.layers(context, tables))
        proposals = [proposal for proposal, _ in self.plugins.processes(context, tables)]
        return Contributions(
            layers=tuple(layer for _, layer, _ in layers),
            post_install=tuple(command for command, _ in self.plugins.post_install(context, tables)),
            processes=tuple(one for one in proposals if isinstance(one, ProposedProcess)),
            not_proposed=tuple(one for one in proposals if isinstance(one, NotProposed)),
        )

    @property
    def adds(self) -> tuple[str, ...]:
        """The plugin's hooks that can add something to an application."""
        hooks = self.plugins.hooks(self.entry_point)
        return tuple(hook for hook in _ADDING if hook in hooks)

    @property
    def readable(self) -> tuple[str, ...]:
        """The directories of the plugin's own modules."""
        return tuple(sorted({str(path.parent) for path in self.sources}))

    @property
    def allowed(self) -> tuple[Path, ...]:
        """The directories that commands and variables may name."""
        layers = [LAYERS / layer for layer in ("python", "venv", f"plugin-{self.entry_point.name}")]
        return (*layers, self.app.path, Path(os.devnull).parent, *(path.parent for path in self.sources))
