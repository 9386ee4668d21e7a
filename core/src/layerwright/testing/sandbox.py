"""A developer's machine in a directory: run Layerwright as a user does, with an application and its layers."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from layerwright.files.trees import linking
from layerwright.local.places import default_layers
from layerwright.testing.applications import Application
from layerwright.testing.machine import clean_env, interpreters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.testing.loopback.index import PackageIndex

__all__ = ["PROGRAM", "Outcome", "Sandbox", "link_tree"]

PROGRAM: Final = (sys.executable, "-m", "layerwright.cli")
"""The Layerwright that is installed with the tests."""

_SEEN: Final = """\
import importlib.metadata, json, os, sys
print(json.dumps({
    "distributions": {d.name: d.version for d in importlib.metadata.distributions()},
    "environment": dict(os.environ),
    "path": sys.path,
    "python": sys.version.split()[0],
}))
"""

_INSTALLED: Final = """\
import importlib.metadata, json
print(json.dumps({d.name: d.version for d in importlib.metadata.distributions()}))
"""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a run of Layerwright."""

    status: int
    """The exit status."""

    log: str
    """The standard output."""

    errors: str
    """The standard error."""

    @property
    def layers(self) -> dict[str, str]:
        """The result of each layer: ``kept``, ``updated`` or ``created``."""
        return dict(re.findall(r"^  Layer (\S+) (kept|updated|created)\b", self.log, re.MULTILINE))

    def reasons(self, layer: str) -> str:
        """Return the reason for the result of *layer*."""
        begun = rf"^  (?:Creating|Updating) layer {layer}: (.*)$"
        found = re.findall(rf"^  Layer {layer} \w+: (.*)$", self.log, re.MULTILINE)
        [words] = re.findall(begun, self.log, re.MULTILINE) or found
        return str(words)

    @property
    def commands(self) -> list[str]:
        """The commands in the log."""
        return re.findall(r"^  \$ (.*)$", self.log, re.MULTILINE)


class Sandbox:
    """The application in ``app`` below *root*, with its own home and cache, and packages from *index*.

    It uses the interpreters of the machine, and downloads only from *index*. *program* starts Layerwright.
    """

    pythons: ClassVar[Path | None] = None
    """A directory for the stored Python layers of all sandboxes, each of which has its own copy."""

    shared: tuple[str, ...] = ("python-*",)
    """The entries of the store that come from ``pythons``."""

    def __init__(self, root: Path, index: PackageIndex, *, program: Sequence[str] = PROGRAM) -> None:
        self.root = root
        self.index = index
        self.program = tuple(program)
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
            # Checks read the commands from the log.
            "LAYERWRIGHT_LOG": "verbose",
        }

    def make_directories(self) -> None:
        """Create the directories of the application, the cache and the home."""
        for directory in (self.app.path, self.cache, self.home):
            directory.mkdir(parents=True)
        if self.pythons is not None and self.pythons.is_dir():
            self._copy_entries(self.pythons, self.cache / "store")

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line that runs Layerwright with *arguments*."""
        return [*self.program, *map(str, arguments)]

    def layerwright(
        self,
        *arguments: str | Path,
        status: int | None = 0,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Outcome:
        """Run Layerwright in the application directory until it ends, and expect *status*; ``None`` allows any."""
        done = subprocess.run(
            self.command(*arguments),
            env={**self.env, **(env or {})},
            cwd=cwd or self.app.path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert status in (None, done.returncode), done.stdout + done.stderr
        return Outcome(status=done.returncode, log=done.stdout, errors=done.stderr)

    def build(
        self, *arguments: str | Path, status: int | None = 0, env: Mapping[str, str] | None = None
    ) -> Outcome:
        """Build the application, and expect *status*."""
        outcome = self.layerwright("build", *arguments, status=status, env=env)
        if self.pythons is not None and (self.cache / "store").is_dir():
            self._copy_entries(self.cache / "store", self.pythons)
        return outcome

    def _copy_entries(self, source: Path, destination: Path) -> None:
        """Copy the shared entries of the store *source*: tests write into layers, which have the same files."""
        destination.mkdir(mode=0o700, exist_ok=True)
        for entry in [found for pattern in self.shared for found in source.glob(pattern)]:
            if not (destination / entry.name).exists():
                draft = destination / f".{os.urandom(8).hex()}"
                shutil.copytree(entry, draft, symlinks=True)
                with contextlib.suppress(OSError):
                    # Another worker may have been faster.
                    draft.rename(destination / entry.name)
                shutil.rmtree(draft, ignore_errors=True)

    def start(self, *arguments: str | Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start Layerwright as a terminal does: in its own process group.

        Coverage does not measure it: a Python signal handler that runs while coverage holds its lock would wait for
        that lock forever.
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
            preexec_fn=_default_signals,  # noqa: PLW1509  # it only resets two signals
        )

    def seen_at_launch(self) -> dict[str, Any]:
        """Return the distributions, environment, path and python of the application's interpreter at launch."""
        seen: dict[str, Any] = json.loads(self.layerwright("run", "python", "-c", _SEEN).log)
        return seen

    def installed(self) -> dict[str, str]:
        """Return the name and version of each distribution that the virtual environment's interpreter finds."""
        python = self.layers / "venv" / "bin" / "python"
        found: dict[str, str] = json.loads(
            subprocess.check_output([python, "-I", "-c", _INSTALLED], text=True)
        )
        return found

    @property
    def site_packages(self) -> Path:
        """The site-packages directory of the venv layer."""
        venv = self.layers / "venv"
        [python] = venv.glob("bin/python3.*")
        return venv / "lib" / python.name / "site-packages"


def link_tree(source: Path, destination: Path) -> None:
    """Make the tree at *destination* equal to *source*, with hard links.

    Download caches are copied, because a tool may change its files in place.
    """
    linking.link_tree(str(source), str(destination), link=_link_or_copy)


def _link_or_copy(source: str, destination: str) -> None:
    if "/cache-" in source:
        shutil.copy2(source, destination, follow_symlinks=False)
    else:
        os.link(source, destination, follow_symlinks=False)


def _default_signals() -> None:  # pragma: no cover  # between fork and exec, where nothing is measured
    # Under a terminal, signals have their defaults. Under nohup or in a background job, which may run the tests, not.
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
