"""The place of the measurements: one application directory, its layers, and the results of the bare tools."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from layerwright.build.installed.dist_info import installed_in
from layerwright.errors import SiteError
from layerwright.plugins.entry_points import API_GROUP, CONCLUSIVE_GROUP, PLUGIN_GROUP, entry_points
from layerwright.process.command import Command
from layerwright.process.runner import Runner
from layerwright.testing.machine import clean_env
from tests.fixtures.wheelhouse import TOOL_LOCKS, tool_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.applications import Application
    from layerwright.testing.loopback.index import PackageIndex

__all__ = ["Site"]

# The distributions of the bundled pip in a new virtual environment, which are not the application's.
_BARE_TOOLS: Final = frozenset({"pip", "setuptools", "wheel"})


class Site(ABC):
    """A place below *root* for *application*; *pythons* are the executables to choose from, by ``3.13``.

    Layerwright and the bare tools see the same files, environment and *index*, and each has its own cache. The bare
    package manager is in *tools*, which other sites share, unless every virtual environment has it.
    """

    manager: ClassVar[str]
    """The name of the package manager."""

    keeps_cache: ClassVar[bool] = True
    """Whether Layerwright keeps downloads; if not, the bare tool must not either."""

    converges: ClassVar[bool] = True
    """Whether the bare tool updates an existing virtual environment, including removals."""

    def __init__(
        self,
        root: Path,
        application: Application,
        pythons: Mapping[str, Path],
        index: PackageIndex,
        tools: Path,
    ) -> None:
        self.application: Final = application
        self.pythons: Final = pythons
        self._app = root / "app"
        self._layers = root / "layers"
        self._cache = root / "cache"
        self._venv = root / "venv"
        self._downloads = root / "downloads"
        self._scratch = root / "tmp"
        self._buildpack = root / "buildpack"
        self._platform = root / "platform"
        self._index = index
        self._tools = tools
        self._files: dict[str, Mapping[str, str]] = {}
        for directory in (self._app, root / "home", self._scratch):
            directory.mkdir()
        settings = {
            "LAYERWRIGHT_CACHE_DIR": str(self._cache),
            "LAYERWRIGHT_PYTHON_PROVIDER": "system",
            # A stopped tool leaves its temporary files; here they are removed with the rest.
            "TMPDIR": str(self._scratch),
            "UV_DEFAULT_INDEX": index.url,
        }
        pyenv = {"PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))}
        self._runner = Runner(env={**clean_env(root / "home"), **pyenv, **index.pip_env(), **settings})
        self.use(next(iter(pythons)))

    @abstractmethod
    def files(self, requirements: str) -> Mapping[str, str]:
        """Return the files of an application with *requirements*, one a line, by name."""

    @abstractmethod
    def fresh(self) -> list[Command]:
        """Return the commands that create the bare virtual environment."""

    @abstractmethod
    def update(self) -> list[Command]:
        """Return the commands that the user of the bare tool runs after a change of the requirements."""

    @abstractmethod
    def nothing(self) -> list[Command]:
        """Return the fastest command of the bare tool that finds that nothing has changed."""

    @property
    def locked(self) -> str:
        """The requirements that prove what is installed."""
        return self.application.unlocked

    def write(self, requirements: str) -> None:
        """Write the application with *requirements*."""
        if requirements not in self._files:
            self._files[requirements] = self.files(requirements)
        for name, text in self._files[requirements].items():
            (self._app / name).write_text(text)

    def use(self, minor: str) -> None:
        """Make the application request the Python *minor*."""
        self._minor = minor
        (self._app / ".python-version").write_text(f"{minor}\n")

    def forget_layers(self, *, downloads: bool) -> None:
        """Remove the layers; with *downloads*, also everything that Layerwright has cached."""
        for entry in list(self._layers.iterdir()) if self._layers.is_dir() else ():
            if downloads or not entry.name.startswith("cache-"):
                _remove(entry)
        if downloads:
            _remove(self._cache)

    def forget_venv(self) -> None:
        """Remove the bare virtual environment."""
        _remove(self._venv)

    def forget_downloads(self) -> None:
        """Remove the bare tool's cache."""
        _remove(self._downloads)

    def layerwright(self, *words: str) -> list[Command]:
        """Return the command line of Layerwright with *words* for the application, as its user would run it."""
        script = Path(sys.executable).with_name("layerwright")
        return [Command(argv=(str(script), *words, str(self._app)))]

    def detect_among(self, count: int) -> list[Command]:
        """Return the detect phase with *count* plugins; those that are not installed only claim files."""
        place = self._scratch / f"{count}-plugins"
        missing = count - len([e for e in entry_points() if e.group == PLUGIN_GROUP])
        for number in range(missing):
            module = f"layerwright_other{number}"
            metadata = place / f"{module}-1.0.dist-info"
            metadata.mkdir(parents=True, exist_ok=True)
            (metadata / "entry_points.txt").write_text(
                f"[{PLUGIN_GROUP}]\nother{number} = {module}\n\n"
                f"[{CONCLUSIVE_GROUP}]\nother{number}.lock = {module}\n\n[{API_GROUP}]\n1 = {module}\n"
            )
        [detect] = self.layerwright("detect")
        return [replace(detect, env={"PYTHONPATH": str(place)}, shown=f"layerwright detect, {count} plugins")]

    def build(self) -> list[Command]:
        """Return Layerwright's build."""
        return self.layerwright("build", "--layers", str(self._layers))

    def package(self) -> None:
        """Package the ready-made buildpack, and create the input files of its detect phase."""
        for directory in (self._buildpack, self._platform / "env"):
            _remove(directory)
        (self._platform / "env").mkdir(parents=True)
        (self._platform / "plan.toml").touch()
        argv = (*self.layerwright("package")[0].argv[:-1], "--output", str(self._buildpack))
        wheels = {"PIP_FIND_LINKS": str(tool_wheelhouse("buildpack"))}
        self.run([Command(argv=(*argv, "--python", self._minor), env=wheels)])

    def packaged_interpreter(self) -> list[Command]:
        """Return the start of the buildpack's own interpreter."""
        python = str(self._buildpack / "python" / "bin" / "python3")
        return [Command(argv=(python, "-I", "-c", "pass"), shown="its python -I -c pass")]

    def packaged_detect(self) -> list[Command]:
        """Return the detect phase of the packaged buildpack, as a lifecycle starts it."""
        environment = {
            "CNB_BUILDPACK_DIR": self._buildpack,
            "CNB_BUILD_PLAN_PATH": self._platform / "plan.toml",
            "CNB_PLATFORM_DIR": self._platform,
            "CNB_TARGET_ARCH": "amd64",
            "CNB_TARGET_OS": "linux",
        }
        env = {name: str(value) for name, value in environment.items()}
        return [Command(argv=(str(self._buildpack / "bin" / "detect"),), cwd=self._app, env=env)]

    def write_files(self, count: int) -> None:
        """Add *count* modules to the application."""
        (self._app / "modules").mkdir(exist_ok=True)
        for number in range(count):
            (self._app / "modules" / f"module_{number}.py").write_text("")

    def interpreter(self) -> list[Command]:
        """Return the start of the interpreter that runs Layerwright."""
        return [Command(argv=(sys.executable, "-I", "-c", "pass"), shown="python -I -c pass")]

    def run(self, commands: Sequence[Command]) -> str:
        """Run *commands* and return their output; raise ``CommandFailed`` if one fails."""
        return "".join(self._runner.capture(command) for command in commands)

    def time(self, commands: Sequence[Command], expect: str = "", *, processor: bool = False) -> float:
        """Return the seconds that *commands* take; their output must contain *expect*.

        With *processor*, return their processor time, which other processes on a busy machine do not affect.
        """
        clock = _processor if processor else time.perf_counter
        # Earlier writes must not be paid for now.
        os.sync()
        started = clock()
        printed = self.run(commands)
        seconds = clock() - started
        if expect not in printed:
            raise SiteError(
                "The scenario did not happen.",
                cause=f'There is no "{expect}" in:\n{printed}',
                reference="benchmark",
            )
        return seconds

    def check_same(self) -> None:
        """Raise ``SiteError`` unless both virtual environments hold the same distributions."""
        ours, theirs = (
            {
                (d.name, d.version)
                for d in installed_in(path / "lib" / f"python{self._minor}" / "site-packages")
            }
            for path in (self._layers / "venv", self._venv)
        )
        different = ours ^ {(name, version) for name, version in theirs if name not in _BARE_TOOLS}
        if different:
            raise SiteError(
                "The virtual environments hold different distributions.",
                cause="\n".join(sorted(f"{name} {version}" for name, version in different)),
                reference="benchmark",
            )

    def make_venv(self, path: Path, *options: str) -> Command:
        """Return the command that creates a virtual environment at *path* for the requested Python."""
        argv = (str(self.pythons[self._minor]), "-m", "venv", *options, str(path))
        return Command(argv=argv, shown=" ".join(("python -m venv", *options)))

    def tool(self) -> Path:
        """Return the virtual environment of the bare package manager: distributions of the plugin's lock, by hash."""
        place = self._tools / self.manager
        if not place.exists():
            lock = str(TOOL_LOCKS[self.manager])
            pip = (str(place / "bin" / "python"), "-m", "pip")
            install = Command(argv=(*pip, "install", "--no-deps", "--require-hashes", "-r", lock))
            self.run([self.make_venv(place), install])
        return place


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
