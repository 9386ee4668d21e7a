"""The package manager under test, and its application."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.contract.values.project import Detection
from layerwright.errors import UserError
from layerwright.plugins.blame import blaming
from layerwright.plugins.entry_points import PLUGIN_GROUP, entry_points
from layerwright.plugins.loading import load_plugins
from layerwright.plugins.wrong_types import checked_parts
from layerwright.testing.applications import Application
from layerwright.testing.conformance.trial.describing import (
    Described,
    describe,
    expects,
    offline,
    settings_of,
)
from layerwright.testing.conformance.trial.verdict import fail, told
from layerwright.testing.distributions import wheel
from layerwright.testing.release import Release
from layerwright.testing.requests import LAYERS, project_request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.environment import Expected
    from layerwright.contract.values.offline import Offline
    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["INDEX", "Subject", "find", "release"]

INDEX: Final = "https://example.com/simple/"
"""The index of the releases of an application that is described, but not built."""

_VARIABLE: Final = re.compile(r"""["']([A-Z][A-Z0-9]*_[A-Z0-9_*]*)["']""")


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

    def offline(self, *, environment: Mapping[str, str] | None = None) -> Offline:
        """Return how the package manager builds the application without a network."""
        with told():
            return offline(self.manager, self.app, self.environment if environment is None else environment)

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
