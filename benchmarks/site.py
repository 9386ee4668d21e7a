"""Where it is measured: one application directory, its layers, and beside them what the bare tools make of it."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.command import Command, Runner
from layerwright.errors import SiteError
from layerwright.installed import installed_in
from tests.fixtures.machine import clean_env

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.applications import Application

__all__ = ["Site"]

# What the bundled pip of a new virtual environment brings, which is no distribution of the application's.
_BARE_TOOLS: Final = frozenset({"pip", "setuptools", "wheel"})


class Site:
    """A place below *root* for *application*; *pythons* are the executables to choose from, by ``3.13``.

    Layerwright and the bare tools see the same files, environment and index, and each has a cache of its own.
    """

    def __init__(
        self, root: Path, application: Application, pythons: Mapping[str, Path], index: Mapping[str, str]
    ) -> None:
        self.application: Final = application
        self.pythons: Final = pythons
        self._app = root / "app"
        self._layers = root / "layers"
        self._cache = root / "cache"
        self._venv = root / "venv"
        self._downloads = root / "downloads"
        self._report = root / "report.json"
        self._resolver = root / "resolver"
        for directory in (self._app, root / "home", root / "tmp"):
            directory.mkdir()
        settings = {
            "LAYERWRIGHT_CACHE_DIR": str(self._cache),
            "LAYERWRIGHT_PYTHON_PROVIDER": "system",
            # A pip that is stopped leaves its temporary files; here they go with the rest.
            "TMPDIR": str(root / "tmp"),
        }
        pyenv = {"PYENV_ROOT": os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))}
        self._runner = Runner(env={**clean_env(root / "home"), **pyenv, **index, **settings})
        self.use(next(iter(pythons)))

    def write(self, requirements: str) -> None:
        """Have the application require *requirements*."""
        (self._app / "requirements.txt").write_text(requirements)

    def use(self, minor: str) -> None:
        """Have the application ask for the Python *minor*."""
        self._minor = minor
        (self._app / ".python-version").write_text(f"{minor}\n")

    def forget_layers(self, *, downloads: bool) -> None:
        """Remove what Layerwright made; with *downloads*, everything that it ever learnt as well."""
        for entry in list(self._layers.iterdir()) if self._layers.is_dir() else ():
            if downloads or not entry.name.startswith("cache-"):
                _remove(entry)
        if downloads:
            _remove(self._cache)

    def forget_venv(self, *, downloads: bool) -> None:
        """Remove the bare virtual environment; with *downloads*, pip's cache as well."""
        _remove(self._venv)
        if downloads:
            _remove(self._downloads)

    def layerwright(self, *words: str) -> list[Command]:
        """Return the command line *words* about the application, run as its user would."""
        script = Path(sys.executable).with_name("layerwright")
        return [Command(argv=(str(script), *words, str(self._app)))]

    def build(self) -> list[Command]:
        """Return Layerwright's build."""
        return self.layerwright("build", "--layers", str(self._layers))

    def fresh_venv(self) -> list[Command]:
        """Return the two commands that make a virtual environment and install the requirements into it."""
        make = Command(argv=(str(self.pythons[self._minor]), "-m", "venv", str(self._venv)))
        return [make, self._pip(self._venv, "install", *self._requirements)]

    def resolution(self) -> list[Command]:
        """Return pip's resolution of the requirements, by the version of pip that Layerwright has."""
        if not self._resolver.exists():
            [record] = self._layers.glob("tool-pip/lib/python*/site-packages/pip-*.dist-info")
            pip = record.name.removesuffix(".dist-info").replace("-", "==")
            make = Command(argv=(str(self.pythons[self._minor]), "-m", "venv", str(self._resolver)))
            self.run([make, self._pip(self._resolver, "install", pip)])
        options = ("--dry-run", "--ignore-installed", "--quiet", f"--report={self._report}")
        return [self._pip(self._resolver, "install", *options, *self._requirements)]

    def interpreter(self) -> list[Command]:
        """Return the bare start of the interpreter that runs Layerwright."""
        return [Command(argv=(sys.executable, "-I", "-c", "pass"))]

    def run(self, commands: Sequence[Command]) -> str:
        """Run *commands* and return what they print; raise ``CommandFailed`` when one fails."""
        return "".join(self._runner.capture(command) for command in commands)

    def time(self, commands: Sequence[Command], expect: str = "") -> float:
        """Return the seconds that *commands* take; what they print must have the words *expect* in it."""
        # What was written before this must not be paid for now.
        os.sync()
        started = time.perf_counter()
        printed = self.run(commands)
        seconds = time.perf_counter() - started
        if expect not in printed:
            raise SiteError(
                "What was measured is not what was meant.",
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

    @property
    def _requirements(self) -> tuple[str, str]:
        return ("-r", "requirements.txt")

    def _pip(self, venv: Path, *words: str) -> Command:
        python = str(venv / "bin" / "python")
        return Command(
            argv=(python, "-m", "pip", *words), env={"PIP_CACHE_DIR": str(self._downloads)}, cwd=self._app
        )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
