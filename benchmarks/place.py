"""The place of the measurements: one application directory, its layers, and the results of the bare tools."""

from __future__ import annotations

import os
import resource
import shutil
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import installed_in
from layerwright.errors import SiteError
from layerwright.process.runner import Runner
from layerwright.testing.machine import clean_env

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.applications import Application
    from layerwright.process.command import Command
    from layerwright.testing.loopback.index import PackageIndex

__all__ = ["Place", "processor_seconds", "remove"]

# The distributions of the bundled pip in a new virtual environment, which are not the application's.
_BARE_TOOLS: Final = frozenset({"pip", "setuptools", "wheel"})


class Place(ABC):
    """A place below *root* for *application*; *pythons* are the executables to choose from, by ``3.13``.

    Layerwright and the bare tools see the same files, environment and *index*, and each has its own cache. The bare
    package manager is in *tools*, which other sites share, unless every virtual environment has it.
    """

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
        self._other = root / "other"
        self._patched = root / "patched"
        self._index = index
        self._tools = tools
        self._files: dict[str, Mapping[str, str]] = {}
        for directory in (self._app, root / "home", self._scratch):
            directory.mkdir()
        settings = {
            "LAYERWRIGHT_CACHE_DIR": str(self._cache),
            # A stopped tool leaves its temporary files; here they are removed with the rest.
            "TMPDIR": str(self._scratch),
        }
        pyenv = {"PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))}
        self._runner = Runner(env={**clean_env(root / "home"), **pyenv, **self.index_env, **settings})
        self.use(next(iter(pythons)))

    @abstractmethod
    def files(self, requirements: str) -> Mapping[str, str]:
        """Return the files of an application with *requirements*, one a line, by name."""

    @property
    def minor(self) -> str:
        """The requested Python: ``3.13``."""
        return self._minor

    @property
    def index_env(self) -> Mapping[str, str]:
        """The variables with which Layerwright and the bare tools find the index and the interpreters."""
        return {
            **self._index.pip_env(),
            "LAYERWRIGHT_PYTHON_PROVIDER": "system",
            "UV_DEFAULT_INDEX": self._index.url,
        }

    def write(self, requirements: str, place: Path | None = None) -> None:
        """Write the application with *requirements*, in *place* if it is another one."""
        if requirements not in self._files:
            self._files[requirements] = self.files(requirements)
        for name, text in self._files[requirements].items():
            ((place or self._app) / name).write_text(text)

    def use(self, minor: str) -> None:
        """Make the application request the Python *minor*."""
        self._minor = minor
        (self._app / ".python-version").write_text(f"{minor}\n")

    def forget_layers(self, *, downloads: bool) -> None:
        """Remove the layers; with *downloads*, also everything that Layerwright has cached."""
        for entry in list(self._layers.iterdir()) if self._layers.is_dir() else ():
            if downloads or not entry.name.startswith("cache-"):
                remove(entry)
        if downloads:
            remove(self._cache)

    def forget_venv(self) -> None:
        """Remove the bare virtual environment."""
        remove(self._venv)

    def forget_downloads(self) -> None:
        """Remove the bare tool's cache."""
        remove(self._downloads)

    def run(self, commands: Sequence[Command]) -> str:
        """Run *commands* and return their output; raise ``CommandFailed`` if one fails."""
        return "".join(self._runner.capture(command) for command in commands)

    def time(
        self, commands: Sequence[Command], expect: str = "", *, processor: bool = False
    ) -> tuple[float, str]:
        """Return the seconds that *commands* take and their output, which must contain *expect*.

        With *processor*, return their processor time, which other processes on a busy machine do not affect.
        """
        clock = processor_seconds if processor else time.perf_counter
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
        return seconds, printed

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


def processor_seconds() -> float:
    """Return the seconds that ended child processes have spent on a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def remove(path: Path) -> None:
    """Remove what is at *path*, if anything."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
