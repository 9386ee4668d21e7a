"""An application that a real tool has built; each check gets it in the state after that build."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layerwright.build.layers import names
from layerwright.build.layers.lacking import lacking
from layerwright.build.patches.skeleton import settle_tool
from layerwright.build.wheels.install import install_wheels
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked
from layerwright.contract.sources.index import Index
from layerwright.process.runner import Runner
from layerwright.pythons.interpreter import Interpreter
from layerwright.testing.conformance.trial.describing import describe, expects, settings_of
from layerwright.testing.conformance.trial.verdict import changes, fail
from layerwright.testing.conformance.trial.wheels import acme, base, is_own, serves, unpacked
from layerwright.testing.machine import interpreters
from layerwright.testing.release import Release
from layerwright.testing.requests import index_request
from layerwright.testing.sandbox import PROGRAM, Outcome, Sandbox, link_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.environment import Expected
    from layerwright.testing.applications import Application
    from layerwright.testing.distributions import Artifact
    from layerwright.testing.loopback.index import PackageIndex

__all__ = ["Built", "Template"]

_PYTHON: Final = "LAYERWRIGHT_PYTHON_VERSION"
_FIRST: Final = (3, 11)


class Template:
    """One build of an application of *manager*, in *root*, from an index with the wheels in *wheelhouse*.

    Layers contain absolute paths, so the build is restored in the same place for every check.
    """

    def __init__(
        self,
        manager: PackageManager,
        application: Callable[[Application, Sequence[Release], str], None],
        wheelhouse: Path,
        root: Path,
        index: PackageIndex,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._application = application
        self.wheelhouse: Final = wheelhouse
        self._kept = root / "kept"
        self.manager: Final = manager
        self.index: Final = index
        self.sandbox: Final = Sandbox(root / "here", index, program=program)
        # The wheelhouse was probably filled for this interpreter.
        self.sandbox.env[_PYTHON] = "{}.{}".format(*sys.version_info)
        self.sandbox.make_directories()
        self._offer()
        self.lock(acme(), base())
        self.before: Final = self.sandbox.app.snapshot()
        self.outcome: Final = self.sandbox.build(status=None)
        if self.outcome.status:
            fail(
                "The first build of its application failed.",
                why="Nothing else can be checked.",
                instead="read the output; the application is the one that the plugin's test writes.",
                shown=(self.outcome.log + self.outcome.errors).splitlines(),
            )
        link_tree(self.sandbox.root, self._kept)

    def restored(self) -> Built:
        """Restore the application and the index to their state after the build, and return the application."""
        self._offer()
        link_tree(self._kept, self.sandbox.root)
        app = self.sandbox.app
        for name, content in app.snapshot().items():
            # Break the hard links to the template's files: checks write into these files.
            app.remove(name)
            app.write(name, content)
        return Built(self, self.manager)

    @property
    def other_pythons(self) -> tuple[str, ...]:
        """The minor versions of this machine's other interpreters for which the wheelhouse has all wheels."""
        others = (minor for minor in interpreters() if minor != self.sandbox.env[_PYTHON])
        return tuple(minor for minor in others if _minor(minor) >= _FIRST and serves(self.wheelhouse, minor))

    def lock(self, *artifacts: Artifact) -> None:
        """Write the application so that it has exactly *artifacts*, and serve them from the index."""
        self.index.add(*artifacts)
        releases = [Release.of(artifact, self.index.url) for artifact in artifacts]
        self._application(self.sandbox.app, releases, self.index.url)

    def _offer(self) -> None:
        self.index.clear()
        self.index.add_directory(self.wheelhouse)
        self.index.add(acme(), base())


@dataclass(frozen=True)
class Built:
    """An application that *manager* has built: it has ``acme`` 1.0 and ``base`` 1.0."""

    template: Template
    manager: PackageManager

    @property
    def sandbox(self) -> Sandbox:
        """The directory of the application."""
        return self.template.sandbox

    @property
    def index(self) -> PackageIndex:
        """The package index of the distributions."""
        return self.template.index

    @property
    def tool_layer(self) -> str:
        """The name of the package manager's own layer."""
        return f"tool-{self.manager.name}"

    @property
    def setting(self) -> str:
        """The prefix of the variables that configure the package manager."""
        return f"LAYERWRIGHT_{self.manager.name.upper().replace('-', '_')}_"

    @property
    def locked(self) -> bool:
        """Whether the package manager says that its lock file proves the result."""
        return isinstance(describe(self.manager, self.sandbox.app, self.sandbox.env).install.sameness, Locked)

    @property
    def expected(self) -> Expected | None:
        """The distributions that a build installs, according to the package manager."""
        python = self.sandbox.env[_PYTHON]
        return expects(self.manager, self.sandbox.app, self.sandbox.env, python=f"{python}.0")

    @property
    def takes_indexes(self) -> bool:
        """Whether the package manager takes the indexes that are given to a build."""
        index = Index(name="kit", url=self.index.url, default=True)
        request = index_request(self.sandbox.app, index, settings=settings_of(self.manager, {}))
        return self.manager.index_variables(request) is not None

    @property
    def tool_faults(self) -> tuple[str, ...]:
        """The missing requirements of the distributions in the package manager's layer."""
        return lacking(self.sandbox.layers / self.tool_layer, self._interpreter)

    @property
    def _interpreter(self) -> Interpreter:
        return Interpreter(version=platform.python_version(), prefix=self.sandbox.layers / names.PYTHON)

    def differences_of_wheels(self, place: Path) -> list[str]:
        """Return how the tool that core unpacks into the empty *place* differs from the one in its layer.

        Nothing if its plugin returns no wheels.
        """
        python = self._interpreter
        tool = describe(self.manager, self.sandbox.app, self.sandbox.env, python=python.version).tool
        if tool.wheels is None:
            return []
        wheelhouse, runner = self.template.wheelhouse, Runner(env=self.sandbox.env)
        if install_wheels(tool.wheels, place, python, run=runner.run, shelf=wheelhouse, beside=()) is None:
            return ["they cannot be unpacked: a wheel or a script is missing, or one is not for this machine"]
        settle_tool(place)
        layer = self.sandbox.layers / self.tool_layer
        return _differences(_tool_files(layer, python), _tool_files(place, python))

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands in its layer, the one with its own name first."""
        names = (path.name for path in self.sandbox.layers.glob(f"{self.tool_layer}/bin/*"))
        return tuple(sorted(names, key=lambda name: (name != self.manager.name, name)))

    def lock(self, *artifacts: Artifact) -> None:
        """Write the application so that it has exactly *artifacts*."""
        self.template.lock(*artifacts)

    def build(
        self, *arguments: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None
    ) -> Outcome:
        """Build, and fail the running check if the build fails."""
        outcome = self.sandbox.layerwright("build", *arguments, status=None, env=env, cwd=cwd)
        if outcome.status:
            fail(
                f"A build ended with status {outcome.status}.",
                why="The plugin's test wrote the application, and its first build succeeded.",
                instead="read the output: that of the tool comes before that of Layerwright.",
                shown=(outcome.log + outcome.errors).splitlines(),
            )
        return outcome

    def expect(self, *artifacts: Artifact) -> None:
        """Fail the running check unless exactly *artifacts* are installed in the virtual environment.

        Compares the names and versions that the virtual environment's interpreter finds, and the bytes of all files of
        the wheels.
        """
        place = self.sandbox.site_packages
        wanted = {normalised_name(a.name): a.version for a in artifacts}
        found = {normalised_name(name): version for name, version in self.sandbox.installed().items()}
        wanted_files = {name: data for a in artifacts for name, data in unpacked(a).items()}
        found_files = {name: data for name, data in _files(place).items() if is_own(name)}
        wrong = [*changes(wanted, found), *_differences(wanted_files, found_files)]
        if wrong:
            fail(
                "The environment differs from a new one with the locked releases.",
                why="Depending on earlier builds, an image would run other code than the lock file says.",
                instead="return Locked(update=Update(archives=…)) only if the commands also remove and replace; core "
                "removes the distributions whose archive has changed.",
                shown=[f"wanted {', '.join(f'{n} {v}' for n, v in wanted.items()) or 'nothing'}", *wrong],
            )


def _minor(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _files(place: Path) -> dict[str, bytes]:
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def _tool_files(layer: Path, python: Interpreter) -> dict[str, bytes]:
    """Return the files of the tool in *layer* by path, with the contents of those that do not mention the layer."""
    sites = [python.site_packages(layer), python.site_packages(layer / "venv")]
    found = {}
    for path in layer.rglob("*"):
        name = path.relative_to(layer)
        if path.is_dir() or "__pycache__" in name.parts or name.parts[0].startswith("env"):
            continue
        own = path.name != "RECORD" and any(path.is_relative_to(site) for site in sites)
        found[name.as_posix()] = path.read_bytes() if own else b""
    return found


def _differences(wanted: dict[str, bytes], found: dict[str, bytes]) -> list[str]:
    words = {(True, False): "is missing", (False, True): "is left over", (True, True): "differs"}
    return [
        f"{name} {words[name in wanted, name in found]}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
