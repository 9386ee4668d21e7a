"""A developer's machine in a directory: an application, its layers, and Layerwright run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from layerwright.local import default_layers
from layerwright.testing.applications import Application
from layerwright.testing.distributions import wheel
from layerwright.testing.index import PackageIndex
from layerwright.testing.machine import clean_env, interpreters
from tests.fixtures.wheelhouse import wheelhouse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.testing.server import Response

__all__ = ["MAIN", "Outcome", "SharedIndex", "Site", "link_tree"]

MAIN: Final = """\
import json, os, sys
import importlib.metadata
print(json.dumps({
    "arguments": sys.argv[1:],
    "directory": os.getcwd(),
    "distributions": {d.name: d.version for d in importlib.metadata.distributions()},
    "environment": dict(os.environ),
    "path": sys.path[1:],
    "python": sys.version.split()[0],
}))
"""
"""A program that tells what it sees; the first entry of ``sys.path`` is its own directory, and left out."""

_INSTALLED: Final = """\
import importlib.metadata, json
print(json.dumps({d.name: d.version for d in importlib.metadata.distributions()}))
"""


class SharedIndex(PackageIndex):
    """A package index that one test after the other uses: the real pip, and ``acme``, which requires ``base``."""

    def reset(self) -> None:
        """Offer what there is at first and nothing else, with no fault, and forget the requests."""
        for fault in self._faults:
            fault.lift()
        self._faults.clear()
        self._files.clear()
        self._authorization = ""
        self.requests.clear()
        for path in wheelhouse().glob("pip-*.whl"):
            self._files[path.name] = path
        self.add(wheel("acme", "1.0", requires=["base>=1"]), wheel("base", "1.0"))

    @override
    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        """Have caches ask again for every page, as if ten minutes had passed since the last time."""
        response = super().respond(path, headers)
        if path.startswith(self.root):
            return replace(response, headers={**response.headers, "Cache-Control": "max-age=0"})
        return response


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run of Layerwright ended, and what it wrote."""

    status: int
    log: str
    errors: str

    @property
    def layers(self) -> dict[str, str]:
        """What became of each layer: ``kept``, ``updated`` or ``created``."""
        return dict(re.findall(r"^  Layer (\S+) (kept|updated|created)\b", self.log, re.MULTILINE))

    def reasons(self, layer: str) -> str:
        """Return why that became of *layer*."""
        [words] = re.findall(rf"^  Layer {layer} \w+: (.*)$", self.log, re.MULTILINE)
        return str(words)

    @property
    def commands(self) -> list[str]:
        """The commands that the log shows."""
        return re.findall(r"^  \$ (.*)$", self.log, re.MULTILINE)


class Site:
    """The application in ``app`` below *root*, with a home and a cache of its own, and packages from *index*."""

    def __init__(self, root: Path, index: PackageIndex) -> None:
        self.root = root
        self.index = index
        self.app = Application(root / "app")
        self.cache = root / "cache"
        self.home = root / "home"
        self.layers = default_layers(self.app.path, self.cache)
        folders = [str(path.parent) for path in interpreters().values()]
        environment = clean_env(self.home)
        self.env = {
            **environment,
            **index.pip_env(),
            "LAYERWRIGHT_CACHE_DIR": str(self.cache),
            "LAYERWRIGHT_PYTHON_PROVIDER": "system",
            "PATH": os.pathsep.join([*folders, environment["PATH"]]),
        }

    def furnish(self) -> None:
        """Make the directories and an application that requires ``acme``."""
        for directory in (self.app.path, self.cache, self.home):
            directory.mkdir(parents=True)
        self.app.write("requirements.txt", "acme\n")
        self.app.write("Procfile", "web: python main.py\n")
        self.app.write("main.py", MAIN)

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line of Layerwright with *arguments*."""
        return [sys.executable, "-m", "layerwright.cli", *map(str, arguments)]

    def layerwright(
        self,
        *arguments: str | Path,
        status: int = 0,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Outcome:
        """Run Layerwright to its end, in the application directory, and expect *status*."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.env, **(env or {})},
            cwd=cwd or self.app.path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return Outcome(status=done.returncode, log=done.stdout, errors=done.stderr)

    def build(self, *arguments: str | Path, status: int = 0, env: Mapping[str, str] | None = None) -> Outcome:
        """Build the application."""
        return self.layerwright("build", *arguments, status=status, env=env)

    def start(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start Layerwright as a terminal does: in a process group of its own.

        It is not measured: a signal that comes while coverage holds its lock, and has a Python handler, waits
        for that lock for ever.
        """
        unmeasured = {k: v for k, v in self.env.items() if not k.startswith("COVERAGE_")}
        return subprocess.Popen(
            self.command(*arguments),
            env={**unmeasured, **(env or {})},
            cwd=self.app.path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def seen(self, *arguments: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Launch the default process, ``MAIN``, and return what it sees."""
        seen: dict[str, Any] = json.loads(self.layerwright("run", *arguments, env=env).log)
        return seen

    def installed(self) -> dict[str, str]:
        """Return the version of each distribution that the venv's own interpreter finds, by name."""
        python = self.layers / "venv" / "bin" / "python"
        found: dict[str, str] = json.loads(
            subprocess.check_output([python, "-I", "-c", _INSTALLED], text=True)
        )
        return found

    def record(self, layer: str) -> Path:
        """Return the ``<layer>.toml`` of *layer*."""
        return self.layers / f"{layer}.toml"

    @property
    def site_packages(self) -> Path:
        """The site-packages directory of the venv layer."""
        [found] = self.layers.glob("venv/lib/python*/site-packages")
        return found


def link_tree(source: Path, destination: Path) -> None:
    """Copy the tree at *source* by hard links, in place of whatever is at *destination*."""
    if destination.exists():
        shutil.rmtree(destination)
    shutil.copytree(source, destination, symlinks=True, copy_function=os.link)
