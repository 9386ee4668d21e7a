"""What a build and its explanation have in common: every decision that comes before the first change."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from layerwright.cnb.context import PRODUCTION
from layerwright.config import CORE_TABLES, configure
from layerwright.config_sources import read_sources
from layerwright.detect import detect, nothing_detected
from layerwright.entry_points import PLUGIN_GROUP, disabled_plugins, entry_points
from layerwright.errors import ConfigurationError, UserError
from layerwright.interpreter import VersionSource, request_python, specifier
from layerwright.layers import names
from layerwright.layers.download_cache import describe_cache
from layerwright.layers.python import describe_python
from layerwright.layers.tool import describe_stand_ins, describe_tool
from layerwright.layers.venv import describe_venv
from layerwright.package_manager import (
    EnvironmentInstall,
    EnvironmentRequest,
    Tool,
    ToolLayer,
    ToolRequest,
)
from layerwright.plugins import blaming, checked_value, load_plugins
from layerwright.pythons.provider import minor_of
from layerwright.pythons.select import select
from layerwright.pythons.support import end_of_life

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from layerwright.cnb.context import Target
    from layerwright.cnb.layer import LayersDirectory
    from layerwright.config import Configuration, PythonSettings, ToolSettings
    from layerwright.config_sources import Sources
    from layerwright.contribute import LayerSpec
    from layerwright.entry_points import EntryPoint
    from layerwright.interpreter import Interpreter, PythonRequest
    from layerwright.package_manager import PackageManager
    from layerwright.plugins import Plugins
    from layerwright.project import Project
    from layerwright.pythons.provider import Candidate, Provider

__all__ = ["RESERVED_ENV", "BuildRequest", "Described", "Prepared", "describe", "prepare"]

RESERVED_ENV: Final = frozenset(
    {
        "PYTHONHOME",
        "PYTHONNOUSERSITE",
        "PYTHONPATH",
        "PYTHONPLATLIBDIR",
        "PYTHONPYCACHEPREFIX",
        "PYTHONUSERBASE",
    }
)
"""Variables that move what an interpreter imports: no package manager can be trusted under them."""


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """What a build is given by whichever platform runs it.

    ``environment`` holds the user's variables. ``providers`` returns the sources of interpreters, in order, for the
    settings of the ``python`` table. ``report`` is a file outside every layer.
    """

    project: Project
    layers: LayersDirectory
    environment: Mapping[str, str]
    target: Target
    providers: Callable[[PythonSettings], Sequence[Provider]]
    report: Path
    exec_env: str = PRODUCTION
    entry_points: Sequence[EntryPoint] = field(default_factory=entry_points)
    today: date = field(default_factory=date.today)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The package manager with its settings and the evidence for it, and the interpreter with who asked for it.

    ``others`` are the package managers whose tools it uses.
    """

    configuration: Configuration
    plugins: Plugins
    manager: PackageManager
    others: tuple[PackageManager, ...]
    reason: str
    python_request: PythonRequest
    provider: Provider
    candidate: Candidate
    today: date
    passed_over: tuple[str, ...] = ()

    @property
    def settings(self) -> ToolSettings:
        """The package manager's settings."""
        return self.configuration.tools[self.manager.name]

    @property
    def end_of_life(self) -> str:
        """A warning when the chosen Python gets no security fixes any more, else nothing."""
        end, minor = end_of_life(self.candidate.version), minor_of(self.candidate.version)
        if end is None or self.today < end:
            return ""
        return (
            f"Python {minor} has had no security fixes since {end.isoformat()}, its end of life.\n"
            f"Move to a newer one: {self.python_request.winner.origin} decides."
        )

    @property
    def python_words(self) -> tuple[str, ...]:
        """Which interpreter, from where; each source of a version, the decisive one marked; what would not do."""
        request, candidate = self.python_request, self.candidate
        seen = (
            f"{s.origin}: {s.value}{' (decides)' if s is request.winner else ''}" for s in request.sources
        )
        return (
            f"Python {candidate.version} from {candidate.provider}: {candidate.origin}",
            *seen,
            *self.passed_over,
        )


@dataclass(frozen=True, kw_only=True)
class DescribedTool:
    """The layer of a package manager as it is to be."""

    manager: PackageManager
    tool: ToolLayer
    spec: LayerSpec


@dataclass(frozen=True, kw_only=True)
class Described:
    """Every layer as it is to be; the last of ``tools`` is the package manager's own."""

    interpreter: Interpreter
    python: LayerSpec
    tools: tuple[DescribedTool, ...]
    stand_ins: LayerSpec | None
    cache: LayerSpec | None
    install: EnvironmentInstall
    venv: LayerSpec

    @property
    def specs(self) -> tuple[LayerSpec, ...]:
        """The layers in the order in which they are contributed."""
        tools = (described.spec for described in self.tools)
        wanted = (self.python, *tools, self.stand_ins, self.cache, self.venv)
        return tuple(spec for spec in wanted if spec is not None)

    @property
    def tool(self) -> ToolLayer:
        """The package manager's own layer."""
        return self.tools[-1].tool


def prepare(request: BuildRequest) -> Prepared:
    """Choose the package manager, read its settings, and choose the interpreter, changing nothing.

    Everything that is wrong with the application or its configuration, and can be known by now, is raised here.
    """
    project = request.project
    sources = read_sources(project, request.environment)
    disabled = disabled_plugins(request.environment)
    detected = detect(project, sources, request.entry_points, disabled)
    if detected is None:
        raise nothing_detected(project, request.entry_points) or _not_python(project)
    plugins, configuration = _configured(request.entry_points, disabled, sources, detected.name)
    manager = plugins.package_manager(detected.name)
    wanted = _also_used(plugins, manager, configuration)
    if wanted:
        plugins, configuration = _configured(request.entry_points, disabled, sources, manager.name, *wanted)
        manager = plugins.package_manager(detected.name)
    others = tuple(_other(plugins, manager, name) for name in wanted)
    _check_environment(request.environment, (manager, *others))
    with blaming(plugins.provider(manager.name).label):
        pinned, locked = manager.python_pin(project), manager.python_bounds(project)
    python_request = request_python(
        project, configured=_configured_python(configuration), pinned=pinned, locked=locked
    )
    providers = request.providers(configuration.python)
    winner = python_request.winner
    asked = f"{winner.value}, which {winner.origin} asks for,"
    provider, candidate = select(winner.specifier, python_request.prefer, providers, asked=asked)
    python_request.check(candidate.version)
    return Prepared(
        configuration=configuration,
        plugins=plugins,
        manager=manager,
        others=others,
        reason=detected.reason,
        python_request=python_request,
        provider=provider,
        candidate=candidate,
        today=request.today,
        passed_over=tuple(
            f"not from {other.name}: {place}"
            for other in takewhile(lambda p: p is not provider, providers)
            for place in other.looked_in()
        ),
    )


def describe(request: BuildRequest, prepared: Prepared) -> Described:
    """Return every layer as it is to be, asking the package manager and touching nothing."""
    manager, settings, layers = prepared.manager, prepared.settings, request.layers
    venv = layers.layer_path(names.VENV)
    python, interpreter = describe_python(layers.layer_path(names.PYTHON), prepared.candidate, request.target)
    label = prepared.plugins.provider(manager.name).label
    tools = {
        one.name: _describe_tool(request, prepared, one, interpreter) for one in (*prepared.others, manager)
    }
    own = tools[manager.name]
    paths = {
        name: Tool(version=found.tool.version, layer=layers.layer_path(found.spec.name))
        for name, found in tools.items()
    }
    with blaming(label):
        install = manager.environment(
            EnvironmentRequest(
                project=request.project,
                settings=settings,
                environment=request.environment,
                interpreter=interpreter,
                target=request.target,
                tool=paths[manager.name],
                others={one.name: paths[one.name] for one in prepared.others},
                venv=venv,
                cache=layers.layer_path(names.cache_layer(manager.name)),
                report=request.report,
                exec_env=request.exec_env,
            )
        )
    install = checked_value(install, EnvironmentInstall, label, "environment")
    absent = own.tool.stand_ins and settings.stand_in and not settings.launch
    return Described(
        interpreter=interpreter,
        python=python,
        tools=tuple(tools.values()),
        stand_ins=describe_stand_ins(own.tool.stand_ins) if absent else None,
        cache=describe_cache(manager) if install.keeps_cache else None,
        install=install,
        venv=describe_venv(
            manager,
            install,
            layer=venv,
            interpreter=interpreter,
            tools={one.manager.display_name: one.tool.version for one in tools.values()},
            target=request.target,
        ),
    )


def _describe_tool(
    request: BuildRequest, prepared: Prepared, manager: PackageManager, interpreter: Interpreter
) -> DescribedTool:
    settings, layers = prepared.configuration.tools[manager.name], request.layers
    label = prepared.plugins.provider(manager.name).label
    with blaming(label):
        tool = manager.tool_layer(
            ToolRequest(
                project=request.project,
                settings=settings,
                environment=request.environment,
                interpreter=interpreter,
                target=request.target,
                layer=layers.layer_path(names.tool_layer(manager.name)),
                venv=layers.layer_path(names.VENV),
            )
        )
    tool = checked_value(tool, ToolLayer, label, "tool_layer")
    spec = describe_tool(manager, tool, settings, interpreter, request.target)
    return DescribedTool(manager=manager, tool=tool, spec=spec)


def _configured_python(configuration: Configuration) -> VersionSource | None:
    value = configuration.python.version
    if value is None:
        return None
    origin = str(configuration.origin("python.version"))
    return VersionSource(origin=origin, value=value, specifier=specifier(value, origin))


def _configured(
    found: Sequence[EntryPoint], disabled: Collection[str], sources: Sources, *names: str
) -> tuple[Plugins, Configuration]:
    """Return the plugins of which something is wanted, and the configuration with the tables of their managers.

    They are those with the package managers *names*, and those that the configuration has a table for. To ask the
    others as well costs time, and is left for when it is not known who provides what, or something is wrong.
    """
    known = {e.name for e in found if e.group == PLUGIN_GROUP}
    tables = {key[0] for key in sources.keys if len(key) > 1} - CORE_TABLES
    tables |= {name for name in known if sources.keys_in(name)}
    wanted = {*names, *tables}
    if wanted <= known:
        plugins = load_plugins(found, disabled=disabled, only=wanted)
        with suppress(ConfigurationError):
            return plugins, configure(sources, _models(plugins))
    plugins = load_plugins(found, disabled=disabled)
    return plugins, configure(sources, _models(plugins))


def _models(plugins: Plugins) -> dict[str, type[ToolSettings]]:
    return {name: manager.settings_model for name, manager in plugins.package_managers.items()}


def _also_used(plugins: Plugins, manager: PackageManager, configuration: Configuration) -> tuple[str, ...]:
    with blaming(plugins.provider(manager.name).label):
        return tuple(manager.also_uses(configuration.tools[manager.name]))


def _other(plugins: Plugins, manager: PackageManager, name: str) -> PackageManager:
    """Return the package manager *name*, which *manager* uses; a ``UserError`` where it is not installed."""
    if name in plugins.package_managers or any(b.entry_point.name == name for b in plugins.broken):
        return plugins.package_manager(name)
    there = ", ".join(sorted(plugins.package_managers))
    raise UserError(
        f'The package manager "{name}" is not installed.',
        cause=f"By its settings, {manager.display_name} uses it. Those that are there: {there}.",
        remedy=(
            f"Install the plugin that provides it (layerwright-{name}, by custom),",
            f"or change the settings of {manager.display_name}.",
        ),
        reference="unknown-package-manager",
    )


def _check_environment(environment: Mapping[str, str], managers: Sequence[PackageManager]) -> None:
    reserved = RESERVED_ENV.union(*(manager.reserved_env for manager in managers))
    wrong = sorted(environment.keys() & reserved)
    if wrong:
        obey = " and ".join(["Python", *(manager.display_name for manager in managers)])
        raise UserError(
            "The environment has variables that would make this another build: " + ", ".join(wrong) + ".",
            cause=f"{obey} obey them, and would look for or put things elsewhere.",
            remedy=f"Unset them for the build: env {' '.join(f'-u {name}' for name in wrong)} …",
            reference="reserved-environment",
        )


def _not_python(project: Project) -> UserError:
    return UserError(
        "There is no Python application here.",
        cause=f"Nothing in {project.root} looks like one.",
        remedy="Name the application directory, or change to it.",
        reference="nothing-detected",
    )
