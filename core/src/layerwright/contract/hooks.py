"""The hooks that a plugin can implement."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol

import pluggy

from layerwright.cnb.api import PRODUCTION
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.values.tool import PythonDependence
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.launch import Process
    from layerwright.cnb.target import Target
    from layerwright.contract.package_manager import PackageManager
    from layerwright.files.project import Project
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["ContributedLayer", "HookContext", "Hooks", "NotProposed", "ProposedProcess", "hookimpl"]

hookspec = pluggy.HookspecMarker("layerwright")
hookimpl = pluggy.HookimplMarker("layerwright")
"""Marks a function of a plugin as the implementation of the hook of the same name."""


@frozen
class HookContext:
    """The argument of the hooks that are called when the virtual environment is complete.

    ``explain`` calls the same hooks before a build, with the expected result of the build: ``venv`` may not exist yet.
    """

    project: Project
    """The application."""

    interpreter: Interpreter
    """The interpreter in its layer."""

    target: Target
    """The operating system and the architecture that the layers are for."""

    venv: Path
    """The application's virtual environment. If a lifecycle has not restored its files, reading this attribute brings
    them back, which takes seconds for a large one."""

    distributions: frozenset[str]
    """The normalised names (PEP 503) of the distributions in the virtual environment."""

    environment: Mapping[str, str]
    """The environment for commands: the user's variables as the layers so far modify them, without the credentials of
    package managers."""

    layer: Path
    """The directory of the plugin's own layer, if it contributes one."""

    exec_env: str = PRODUCTION
    """The execution environment, such as ``production`` or ``test``."""

    settings: Any = None
    """The plugin's table of the configuration, as its ``layerwright_settings`` models it; ``None`` without a model."""

    def named_layer(self, name: str) -> Path:
        """Return the directory of the plugin's layer with the ``ContributedLayer.name`` *name*."""
        return self.layer.with_name(f"{self.layer.name}-{name}") if name else self.layer


@frozen
class ContributedLayer:
    """A layer that a plugin adds to the application: data, browsers, a program."""

    commands: tuple[Command, ...]
    """The commands that fill the empty layer. Core counts them as inputs."""

    inputs: Mapping[str, str] = field(default_factory=dict)
    """All inputs that core cannot see in the commands, as words or digests without secrets: for example, files that
    they read."""

    depends_on: tuple[str, ...] = ()
    """Distributions whose versions are inputs, by their names."""

    depends_on_python: PythonDependence = PythonDependence.EXACT
    """How the interpreter is an input."""

    depends_on_target: bool = True
    """Whether the target is an input."""

    env: LayerEnv = field(default_factory=LayerEnv)
    """The environment of the layer, by scope."""

    launch: bool = True
    """Whether it is available at launch; otherwise only the build has it."""

    name: str = ""
    """Distinguishes several layers of one plugin."""


@frozen
class ProposedProcess:
    """A process that a plugin proposes.

    ``ValueError``: the reason is empty.
    """

    process: Process
    """The process."""

    because: str
    """The reason, as words after "because"."""

    warning: str = ""
    """What is wrong with the process although it starts, and what to do, in sentences."""

    fallback: bool = False
    """Whether it counts only if neither the configuration nor the Procfile defines any process, and no plugin proposes
    another one of this type."""

    def __post_init__(self) -> None:
        if not self.because.strip():
            raise ValueError(f"the proposed process {self.process.type} has no reason")


@frozen
class NotProposed:
    """A process that a plugin looked for, and does not propose.

    ``ValueError``: the reason is empty.
    """

    because: str
    """The reason, as words after "because"."""

    remedy: str = ""
    """What to do, in sentences."""

    type: str = ""
    """The process type. It is shown if the application has no process of this type; without a type, if it has no
    process at all."""

    def __post_init__(self) -> None:
        if not self.because.strip():
            raise ValueError(f"the process {self.type} that is not proposed has no reason")


class Hooks(Protocol):
    """Every hook, for type-checking a plugin's module."""

    @hookspec
    def layerwright_package_managers(self) -> Iterable[PackageManager]:
        """Return the package managers that this plugin provides; called once, before anything is chosen."""
        ...

    @hookspec
    def layerwright_settings(self) -> type | None:
        """Return the frozen dataclass that models the plugin's own table, which is named like its entry point.

        Its fields are keys like those of ``ToolSettings``, each with a default. A package manager's table is modelled
        by its ``settings_model`` instead.
        """
        ...

    @hookspec
    def layerwright_layers(self, context: HookContext) -> Iterable[ContributedLayer]:
        """Return the layers that the plugin adds to the application.

        Each is kept while its inputs are unchanged, created again otherwise, and removed when the plugin no longer
        returns it.
        """
        ...

    @hookspec
    def layerwright_post_install(self, context: HookContext) -> Iterable[Command]:
        """Return commands to run in the application directory after the virtual environment is complete.

        They run in every build, even if the environment was kept: on most platforms the application directory is new
        each time.
        """
        ...

    @hookspec
    def layerwright_processes(self, context: HookContext) -> Iterable[ProposedProcess | NotProposed]:
        """Propose process types for the built application, each with a reason; configuration and Procfile win.

        A plugin that looked for a process and proposes none says why.
        """
        ...
