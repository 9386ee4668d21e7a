"""The measured package managers: their files in an application, and what their users run without Layerwright."""

from __future__ import annotations

import json
import tempfile
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from benchmarks.site import Site
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SITES", "Pip", "Poetry", "Uv"]


class Pip(Site):
    """``pip install`` into a new virtual environment, because it removes nothing from an old one.

    pip is the one that the interpreter installs into every virtual environment; it compiles by default.
    """

    manager: ClassVar[str] = "pip"
    converges: ClassVar[bool] = False

    @property
    @override
    def locked(self) -> str:
        return self.application.locked

    @override
    def files(self, requirements: str) -> Mapping[str, str]:
        return {"requirements.txt": requirements}

    @override
    def fresh(self) -> list[Command]:
        return [self.make_venv(self._venv), self._pip(self._venv, "-r", "requirements.txt")]

    @override
    def update(self) -> list[Command]:
        self.forget_venv()
        return self.fresh()

    @override
    def nothing(self) -> list[Command]:
        """Return pip's resolution of the requirements, by the version of pip in Layerwright's layer."""
        resolver = self._scratch / "resolver"
        if not resolver.exists():
            [record] = self._layers.glob("tool-pip/lib/python*/site-packages/pip-*.dist-info")
            pip = record.name.removesuffix(".dist-info").replace("-", "==")
            self.run([self.make_venv(resolver), self._pip(resolver, pip)])
        report = f"--report={self._scratch / 'report.json'}"
        options = ("--dry-run", "--ignore-installed", "--quiet", report)
        return [self._pip(resolver, *options, "-r", "requirements.txt")]

    def _pip(self, venv: Path, *words: str) -> Command:
        return Command(
            argv=(str(venv / "bin" / "python"), "-m", "pip", "install", *words),
            env={"PIP_CACHE_DIR": str(self._downloads)},
            cwd=self._app,
            shown="pip install --dry-run" if "--dry-run" in words else "pip install",
        )


class _Locked(Site):
    """A package manager that locks the application's ``pyproject.toml`` itself, as a developer would."""

    lock_file: ClassVar[str]

    @override
    def files(self, requirements: str) -> Mapping[str, str]:
        with tempfile.TemporaryDirectory(dir=self._scratch) as place:
            project, lock = Path(place, "pyproject.toml"), Path(place, self.lock_file)
            project.write_text(self._pyproject(requirements.splitlines()))
            self.run([self._command("lock", cwd=Path(place))])
            return {path.name: path.read_text() for path in (project, lock)}

    def _pyproject(self, requirements: list[str]) -> str:
        minors = sorted(int(minor.partition(".")[2]) for minor in self.pythons)
        table = {
            "name": "shop",
            "version": "1.0",
            # Poetry rejects distributions that exclude a part of this.
            "requires-python": f">=3.{minors[0]},<3.{minors[-1] + 1}",
            "dependencies": requirements,
        }
        # These values are the same in JSON and in TOML.
        return "\n".join(["[project]", *(f"{key} = {json.dumps(value)}" for key, value in table.items()), ""])

    @abstractmethod
    def _command(self, *words: str, cwd: Path | None = None) -> Command:
        """Return the command line of the bare tool with *words*, for the application unless *cwd* differs."""


class Uv(_Locked):
    """``uv sync`` by the same uv, which exists already, as on the machine of every user of uv.

    It creates the virtual environment itself. Like Layerwright it has no default groups, which are not for
    production, and compiles, without which the first start of the application would be slower; it compares the time
    of the source, which is uv's default, and so does not read again what it compiled before.
    """

    manager: ClassVar[str] = "uv"
    lock_file: ClassVar[str] = "uv.lock"

    @override
    def fresh(self) -> list[Command]:
        return self.update()

    @override
    def update(self) -> list[Command]:
        return [self._command("sync", "--locked", "--no-default-groups", "--compile-bytecode")]

    @override
    def nothing(self) -> list[Command]:
        # With nothing to install there is nothing to compile, but uv would look at every file.
        return [self._command("sync", "--locked", "--no-default-groups")]

    @override
    def _command(self, *words: str, cwd: Path | None = None) -> Command:
        return Command(
            argv=(str(self.tool() / "bin" / "uv"), *words),
            env={
                "UV_CACHE_DIR": str(self._downloads),
                "UV_PROJECT_ENVIRONMENT": str(self._venv),
                "UV_PYTHON": str(self.pythons[self._minor]),
                "UV_PYTHON_DOWNLOADS": "never",
            },
            cwd=cwd or self._app,
            shown=" ".join(("uv", *words)),
        )


class Poetry(_Locked):
    """``poetry sync`` by the same Poetry, which exists already, in the active virtual environment.

    The virtual environment is created without pip, which Poetry does not need. Poetry compiles what it installs, as
    Layerwright does.
    """

    manager: ClassVar[str] = "poetry"
    lock_file: ClassVar[str] = "poetry.lock"

    @override
    def fresh(self) -> list[Command]:
        return [self.make_venv(self._venv, "--without-pip"), *self.update()]

    @override
    def update(self) -> list[Command]:
        return [self._command("sync", "--only", "main", "--compile")]

    @override
    def nothing(self) -> list[Command]:
        return [self._command("sync", "--only", "main")]

    @override
    def _pyproject(self, requirements: list[str]) -> str:
        source = f'name = "loopback"\nurl = "{self._index.url}"\npriority = "primary"\n'
        poetry = f"[tool.poetry]\npackage-mode = false\n\n[[tool.poetry.source]]\n{source}"
        return f"{super()._pyproject(requirements)}\n{poetry}"

    @override
    def _command(self, *words: str, cwd: Path | None = None) -> Command:
        # The lock also needs an active environment.
        active = self._venv if cwd is None else self.tool()
        return Command(
            argv=(str(self.tool() / "bin" / "poetry"), *words, "--no-interaction"),
            env={"POETRY_CACHE_DIR": str(self._downloads), "VIRTUAL_ENV": str(active)},
            cwd=cwd or self._app,
            shown=" ".join(("poetry", *words)),
        )


SITES: Final[Mapping[str, type[Site]]] = {site.manager: site for site in (Pip, Uv, Poetry)}
