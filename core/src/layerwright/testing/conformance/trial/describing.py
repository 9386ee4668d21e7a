"""How a package manager describes a build, called as core calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.layers.commands import Places, command_inputs
from layerwright.build.policy.asking import variables_for_age
from layerwright.build.venv.describe import counted
from layerwright.cnb.api import PRODUCTION
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.contract.sameness import Change, Resolved, resolution_of, update_of
from layerwright.contract.values.environment import EnvironmentInstall, Expected
from layerwright.contract.values.offline import Offline
from layerwright.contract.values.tool import ToolLayer
from layerwright.plugins.blame import blaming, checked_value
from layerwright.plugins.indexes import asked_indexes
from layerwright.plugins.wrong_types import checked_parts
from layerwright.process.command import Command
from layerwright.testing.requests import (
    LAYERS,
    environment_request,
    offline_request,
    project_request,
    tool_request,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from layerwright.config.models import ToolSettings
    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.environment import EnvironmentRequest
    from layerwright.process.redaction import SecretStr
    from layerwright.testing.applications import Application

__all__ = [
    "PYTHON",
    "Described",
    "age_variables_of",
    "describe",
    "expects",
    "indexes_asked_by",
    "offline",
    "settings_of",
]

_HERE: Final = Places(application=LAYERS.with_name("application"))
_NO_TOOL: Final = ToolLayer(version="", inputs={}, install=())
_OTHER_TOOL: Final = "1.0"
PYTHON: Final = "3.13.1"
"""The version of the interpreter that is described."""
_HASHES: Final = (f"sha256:{64 * '0'}",)
_CHANGE: Final = Change(
    install=(
        Resolved(name="acme", version="1.1", hashes=_HASHES),
        Resolved(name="extra", version="2.0", hashes=_HASHES),
    ),
    replace=("acme",),
    remove=("base",),
)


class Described(NamedTuple):
    """How a package manager describes a build; ``converging`` are the commands of a resolution for a change."""

    tool: ToolLayer
    install: EnvironmentInstall
    converging: tuple[Command, ...] = ()

    @property
    def commands(self) -> Iterator[Command]:
        """Every command that a build may run."""
        yield from self.tool.install
        yield from self.environment_commands
        yield from self.install.checks

    @property
    def environment_commands(self) -> Iterator[Command]:
        """Every command that fills the virtual environment."""
        yield from (*self.install.first, *self.install.commands)
        update, resolution = update_of(self.install.sameness), resolution_of(self.install.sameness)
        yield from update.diagnosis if update else ()
        if resolution is not None:
            yield resolution.command
        yield from self.converging

    @property
    def all_inputs(self) -> dict[str, str]:
        """The inputs of both layers, including those that core adds, with the layer in each name."""
        tool = {**self.tool.inputs, **command_inputs(self.tool.install, _HERE, self.tool.inputs)}
        install = {**self.install.inputs, **counted(self.install, [self.tool.env], {}, _HERE)}
        return {
            **{f"tool layer: {name}": value for name, value in tool.items()},
            **{f"environment: {name}": value for name, value in install.items()},
        }


def settings_of(manager: PackageManager, configured: Mapping[str, object]) -> ToolSettings:
    """Return the settings of *manager* with the table *configured*. Raises the errors of a build."""
    sources = Sources({"layerwright.toml": {manager.name: dict(configured)}}, {})
    settings: ToolSettings = configure(sources, {manager.name: manager.settings_model}).tools[manager.name]
    return settings


def describe(
    manager: PackageManager,
    app: Application,
    environment: Mapping[str, str],
    *,
    settings: Mapping[str, object] | None = None,
    exec_env: str = "production",
    layers: Path = LAYERS,
    python: str = PYTHON,
) -> Described:
    """Return how *manager* describes a build of *app* into *layers*, called as core calls it.

    Raises ``PluginError`` if *manager* raises something, or returns values of wrong types.
    """
    tool, request = _asked(
        manager,
        app,
        environment,
        settings_of(manager, settings or {}),
        exec_env,
        layers=layers,
        python=python,
    )
    with blaming(manager.name, "environment"):
        install = manager.environment(request)
    checked_parts(install, EnvironmentInstall, manager.name, "environment")
    return Described(tool, install, _converging(manager, install))


def _converging(manager: PackageManager, install: EnvironmentInstall) -> tuple[Command, ...]:
    resolution, what = resolution_of(install.sameness), "Resolution.converge"
    if resolution is None:
        return ()
    with blaming(manager.name, what):
        commands = tuple(resolution.converge(_CHANGE))
    return tuple(checked_value(command, Command, manager.name, what) for command in commands)


def expects(
    manager: PackageManager, app: Application, environment: Mapping[str, str], *, python: str = PYTHON
) -> Expected | None:
    """Return what *manager* expects to install in a build of *app*. Raises the errors of :func:`describe`."""
    _, request = _asked(manager, app, environment, settings_of(manager, {}), PRODUCTION, python=python)
    with blaming(manager.name, "expects"):
        found = manager.expects(request)
    return None if found is None else checked_parts(found, Expected, manager.name, "expects")


def indexes_asked_by(
    manager: PackageManager, app: Application, environment: Mapping[str, str]
) -> tuple[str | SecretStr, ...]:
    """Return the indexes that *manager* asks in a build of *app*. Raises the errors of :func:`describe`."""
    _, request = _asked(manager, app, environment, settings_of(manager, {}), PRODUCTION)
    return asked_indexes(manager, request, manager.name)


def age_variables_of(
    manager: PackageManager, app: Application, environment: Mapping[str, str], before: datetime
) -> Mapping[str, str]:
    """Return how *manager* chooses among releases from *before*. Raises the errors of :func:`describe`."""
    _, request = _asked(manager, app, environment, settings_of(manager, {}), PRODUCTION)
    return variables_for_age(manager, request, before, manager.name)


def offline(
    manager: PackageManager, app: Application, environment: Mapping[str, str], *, python: str = PYTHON
) -> Offline:
    """Return how *manager* builds *app* without a network. Raises the errors of :func:`describe`."""
    _, request = _asked(manager, app, environment, settings_of(manager, {}), PRODUCTION, python=python)
    with blaming(manager.name, "offline"):
        found = manager.offline(offline_request(request))
    return checked_parts(found, Offline, manager.name, "offline")


def _asked(
    manager: PackageManager,
    app: Application,
    environment: Mapping[str, str],
    settings: ToolSettings,
    exec_env: str,
    **more: Any,
) -> tuple[ToolLayer, EnvironmentRequest]:
    """Return the tool layer of *manager*, and the request for the virtual environment."""
    given: dict[str, Any] = {"settings": settings, "environment": environment, "name": manager.name, **more}
    with blaming(manager.name, "tool_layer"):
        found = manager.tool_layer(tool_request(app, **given))
    tool = _NO_TOOL if found is None else checked_parts(found, ToolLayer, manager.name, "tool_layer")
    with blaming(manager.name, "also_uses"):
        others = dict.fromkeys(manager.also_uses(project_request(app, settings=settings)), _OTHER_TOOL)
    return tool, environment_request(app, **given, version=tool.version, others=others, exec_env=exec_env)
