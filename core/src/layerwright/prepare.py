"""What a build and its explanation have in common: every decision that comes before the first change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from layerwright.config import configure
from layerwright.config_sources import read_sources
from layerwright.detect import detect, nothing_detected
from layerwright.entry_points import disabled_plugins, entry_points
from layerwright.errors import UserError
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
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from layerwright.cnb.context import Target
    from layerwright.cnb.layer import LayersDirectory
    from layerwright.config import Configuration, PythonSettings, ToolSettings
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
    exec_env: str = "production"
    entry_points: Sequence[EntryPoint] = field(default_factory=entry_points)
    today: date = field(default_factory=date.today)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The package manager with its settings and the evidence for it, and the interpreter with who asked for it."""

    configuration: Configuration
    plugins: Plugins
    manager: PackageManager
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
class Described:
    """Every layer as it is to be."""

    interpreter: Interpreter
    python: LayerSpec
    tool: ToolLayer
    tool_spec: LayerSpec
    stand_ins: LayerSpec | None
    cache: LayerSpec
    install: EnvironmentInstall
    venv: LayerSpec

    @property
    def specs(self) -> tuple[LayerSpec, ...]:
        """The layers in the order in which they are contributed."""
        stand_ins = () if self.stand_ins is None else (self.stand_ins,)
        return (self.python, self.tool_spec, *stand_ins, self.cache, self.venv)


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
    plugins = load_plugins(request.entry_points, disabled=disabled)
    manager = plugins.package_manager(detected.name)
    models = {name: m.settings_model for name, m in plugins.package_managers.items()}
    configuration = configure(sources, models)
    _check_environment(request.environment, manager)
    with blaming(plugins.provider(manager.name).label):
        pinned = manager.python_pin(project)
    python_request = request_python(project, configured=_configured_python(configuration), pinned=pinned)
    providers = request.providers(configuration.python)
    winner = python_request.winner
    asked = f"{winner.value}, which {winner.origin} asks for,"
    provider, candidate = select(winner.specifier, python_request.prefer, providers, asked=asked)
    python_request.check(candidate.version)
    return Prepared(
        configuration=configuration,
        plugins=plugins,
        manager=manager,
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
    tool_path = layers.layer_path(names.tool_layer(manager.name))
    label = prepared.plugins.provider(manager.name).label
    with blaming(label):
        tool = manager.tool_layer(
            ToolRequest(
                project=request.project,
                settings=settings,
                environment=request.environment,
                interpreter=interpreter,
                target=request.target,
                layer=tool_path,
                venv=venv,
            )
        )
        tool = checked_value(tool, ToolLayer, label, "tool_layer")
        install = manager.environment(
            EnvironmentRequest(
                project=request.project,
                settings=settings,
                environment=request.environment,
                interpreter=interpreter,
                target=request.target,
                tool=Tool(version=tool.version, layer=tool_path),
                venv=venv,
                cache=layers.layer_path(names.cache_layer(manager.name)),
                report=request.report,
                exec_env=request.exec_env,
            )
        )
    install = checked_value(install, EnvironmentInstall, label, "environment")
    absent = tool.stand_ins and settings.stand_in and not settings.launch
    return Described(
        interpreter=interpreter,
        python=python,
        tool=tool,
        tool_spec=describe_tool(manager, tool, settings, interpreter, request.target),
        stand_ins=describe_stand_ins(tool.stand_ins) if absent else None,
        cache=describe_cache(manager),
        install=install,
        venv=describe_venv(
            manager,
            install,
            layer=venv,
            interpreter=interpreter,
            tool_version=tool.version,
            target=request.target,
        ),
    )


def _configured_python(configuration: Configuration) -> VersionSource | None:
    value = configuration.python.version
    if value is None:
        return None
    origin = str(configuration.origin("python.version"))
    return VersionSource(origin=origin, value=value, specifier=specifier(value, origin))


def _check_environment(environment: Mapping[str, str], manager: PackageManager) -> None:
    wrong = sorted(environment.keys() & (RESERVED_ENV | manager.reserved_env))
    if wrong:
        raise UserError(
            "The environment has variables that would make this another build: " + ", ".join(wrong) + ".",
            cause=f"Python and {manager.display_name} obey them, and would look for or put things elsewhere.",
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
