"""The package manager under test, and how it describes an application."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.layers.commands import Places, command_inputs
from layerwright.build.venv.describe import counted
from layerwright.cnb.context import PRODUCTION
from layerwright.config.reading import configure
from layerwright.config.sources import Sources
from layerwright.contract.package_manager import Detection, EnvironmentInstall, Expected, ToolLayer
from layerwright.contract.sameness import Change, Resolved, resolution_of, update_of
from layerwright.errors import UserError
from layerwright.plugins.blame import blaming, checked_value
from layerwright.plugins.entry_points import PLUGIN_GROUP, entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.wrong_types import checked_parts
from layerwright.process.command import Command
from layerwright.testing.applications import Application
from layerwright.testing.conformance.trial.verdict import fail, told
from layerwright.testing.distributions import wheel
from layerwright.testing.release import Release
from layerwright.testing.requests import LAYERS, environment_request, project_request, tool_request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from layerwright.config.models import ToolSettings
    from layerwright.contract.package_manager import EnvironmentRequest, PackageManager
    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["INDEX", "Described", "Subject", "describe", "expects", "find", "release", "settings_of"]

INDEX: Final = "https://example.com/simple/"
"""The index of the releases of an application that is described, but not built."""

_HERE: Final = Places(application=LAYERS.with_name("application"))
_NO_TOOL: Final = ToolLayer(version="", inputs={}, install=())
_OTHER_TOOL: Final = "1.0"
_PYTHON: Final = "3.13.1"
_VARIABLE: Final = re.compile(r"""["']([A-Z][A-Z0-9]*_[A-Z0-9_*]*)["']""")
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


def find(package_manager: str | PackageManager) -> tuple[PackageManager, tuple[EntryPoint, ...]]:
    """Return the package manager, and all entry points of its distribution if it is given by name."""
    if not isinstance(package_manager, str):
        return package_manager, ()
    known = entry_points()
    own = [e for e in known if e.group == PLUGIN_GROUP and e.name == package_manager]
    if not own:
        there = sorted({e.name for e in known if e.group == PLUGIN_GROUP})
        fail(
            f'No installed distribution has an entry point "{package_manager}" in the group "{PLUGIN_GROUP}".',
            why="Core finds plugins by their entry points, and so does this kit.",
            instead="install the plugin into the environment of its tests: python -m pip install --editable .",
            shown=[f"There are: {', '.join(there) or 'none'}"],
        )
    distributions = {e.distribution for e in own}
    theirs = tuple(e for e in known if e.distribution in distributions)
    with told(instead="correct the plugin; `layerwright plugins` reports the same."):
        return load_plugins(theirs, only={package_manager}).package_manager(package_manager), theirs


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
) -> Described:
    """Return how *manager* describes a build of *app* into *layers*, called as core calls it.

    Raises ``PluginError`` if *manager* raises something, or returns values of wrong types.
    """
    tool, request = _asked(
        manager, app, environment, settings_of(manager, settings or {}), exec_env, layers=layers
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
    manager: PackageManager, app: Application, environment: Mapping[str, str], *, python: str = _PYTHON
) -> Expected | None:
    """Return what *manager* expects to install in a build of *app*. Raises the errors of :func:`describe`."""
    _, request = _asked(manager, app, environment, settings_of(manager, {}), PRODUCTION, python=python)
    with blaming(manager.name, "expects"):
        found = manager.expects(request)
    return None if found is None else checked_parts(found, Expected, manager.name, "expects")


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


def release(name: str, version: str, *requires: str, data: str = "") -> Release:
    """Return a release of a new distribution; other *data* result in another archive."""
    files = {f"{name}/data.txt": data} if data else {}
    return Release.of(wheel(name, version, requires=requires, files=files), INDEX)


def _no_report(releases: Sequence[Release], index: str) -> str:
    raise NotImplementedError


@dataclass(frozen=True)
class Subject:
    """A package manager, with its own application in ``app``.

    ``given`` is the package manager as the test named it, a string or the object. ``entry_points`` are all entry points
    of its distribution. ``home`` is the home directory of the user whose variables are in ``environment``, and
    ``secrets`` are names of variables that hold a password or a token. ``samples`` maps the key of a setting to a value
    to try. ``report`` returns what a tool that resolves reports for releases.
    """

    given: str | PackageManager
    manager: PackageManager
    entry_points: tuple[EntryPoint, ...]
    app: Application
    home: Path
    application: Callable[[Application, Sequence[Release], str], None]
    secrets: Collection[str] = ()
    samples: Mapping[str, object] = field(default_factory=dict)
    report: Callable[[Sequence[Release], str], str] = _no_report

    @classmethod
    def of(
        cls,
        package_manager: str | PackageManager,
        application: Callable[[Application, Sequence[Release], str], None],
        root: Path,
        *,
        secrets: Collection[str] = (),
        samples: Mapping[str, object] | None = None,
        report: Callable[[Sequence[Release], str], str] = _no_report,
    ) -> Subject:
        """Return the package manager with its application in *root*: ``acme`` and its requirement ``base``."""
        manager, found = find(package_manager)
        app, home = Application(root / "app"), root / "home"
        app.path.mkdir(parents=True)
        home.mkdir()
        subject = cls(package_manager, manager, found, app, home, application, secrets, samples or {}, report)
        subject.lock(*subject.releases)
        return subject

    @property
    def releases(self) -> tuple[Release, ...]:
        """The first releases of the application."""
        return release("acme", "1.0", "base>=1"), release("base", "1.0")

    @property
    def environment(self) -> dict[str, str]:
        """The user's variables."""
        return {"HOME": str(self.home), "PIP_CONFIG_FILE": os.devnull}

    @property
    def sources(self) -> tuple[Path, ...]:
        """The modules of the plugin."""
        module = sys.modules[type(self.manager).__module__]
        names = {e.module for e in self.entry_points if e.group == PLUGIN_GROUP} or {module.__name__}
        found: list[Path] = []
        for name in names:
            file = Path(str(sys.modules[name].__file__))
            found += sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
        return tuple(found)

    @property
    def variables(self) -> frozenset[str]:
        """The names of variables in the source of the plugin, and a sample for each pattern or prefix of names."""
        folders = {file.parent for file in self.sources}
        texts = [*self.sources, *(file for folder in folders for file in folder.glob("*.toml"))]
        found = (name for file in texts for name in _VARIABLE.findall(file.read_text(encoding="utf-8")))
        return frozenset(re.sub(r"\*|_$", "_SAMPLE", name).replace("__", "_") for name in found)

    def lock(self, *releases: Release) -> None:
        """Write the application so that it has exactly *releases*."""
        self.application(self.app, releases, INDEX)

    @property
    def others(self) -> tuple[str, ...]:
        """The names of the other package managers whose tools it uses."""
        return tuple(
            self.manager.also_uses(project_request(self.app, settings=settings_of(self.manager, {})))
        )

    def detect(self, app: Application | None = None) -> Detection | None:
        """Return whether the package manager claims *app*, by default its own application."""
        request = project_request(app or self.app, settings=settings_of(self.manager, {}))
        with told():
            with blaming(self.manager.name, "detect"):
                found = self.manager.detect(request)
            return None if found is None else checked_parts(found, Detection, self.manager.name, "detect")

    def describe(
        self,
        *,
        settings: Mapping[str, object] | None = None,
        exec_env: str = "production",
        environment: Mapping[str, str] | None = None,
        layers: Path = LAYERS,
    ) -> Described:
        """Return how the package manager describes a build of the application in its present state."""
        variables = self.environment if environment is None else environment
        with told():
            return describe(
                self.manager, self.app, variables, settings=settings, exec_env=exec_env, layers=layers
            )

    def expects(self) -> Expected | None:
        """Return what the package manager expects to install for the application in its present state."""
        with told():
            return expects(self.manager, self.app, self.environment)

    def describe_if_it_can_be(
        self,
        *,
        settings: Mapping[str, object] | None = None,
        exec_env: str = "production",
        environment: Mapping[str, str] | None = None,
    ) -> Described | None:
        """Return the same, or ``None`` if the package manager refuses to build the application with these arguments."""
        variables = self.environment if environment is None else environment
        with told(), suppress(UserError):
            return describe(self.manager, self.app, variables, settings=settings, exec_env=exec_env)
        return None
