"""The commands at a place: Layerwright's, and what the bare tools are compared with."""

from __future__ import annotations

import os
import shutil
import sys
from abc import abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Final

from benchmarks import program
from benchmarks.patched import patched
from benchmarks.place import Place, remove
from layerwright.plugins.entry_points import API_GROUP, CONCLUSIVE_GROUP, PLUGIN_GROUP, entry_points
from layerwright.process.command import Command
from tests.fixtures.wheelhouse import TOOL_LOCKS, tool_wheelhouse
from tests.lifecycle.image import IMAGE_TIME

__all__ = ["Site"]

_LAYERWRIGHT: Final = Path(sys.executable).with_name("layerwright")


class Site(Place):
    """A place with a package manager."""

    manager: ClassVar[str]
    """The name of the package manager."""

    keeps_cache: ClassVar[bool] = True
    """Whether Layerwright keeps downloads; if not, the bare tool must not either."""

    converges: ClassVar[bool] = True
    """Whether the bare tool updates an existing virtual environment, including removals."""

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

    def layerwright(self, *words: str) -> list[Command]:
        """Return the command line of Layerwright with *words* for the application, as its user would run it."""
        return [Command(argv=(str(_LAYERWRIGHT), *words, str(self._app)))]

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

    def build_another(self) -> list[Command]:
        """Return the first build of another application with the same requirements, by the same user."""
        remove(self._other)
        app = self._other / "app"
        app.mkdir(parents=True)
        (app / ".python-version").write_text(f"{self._minor}\n")
        self.write(self.application.unlocked, app)
        [build] = self.layerwright("build", "--layers", str(self._other / "layers"))
        return [replace(build, argv=(*build.argv[:-1], str(app)))]

    def patch_python(self) -> None:
        """Create the next patch release of the requested Python from the ``python`` layer."""
        remove(self._patched)
        patched(self._layers / "python", self._patched)

    def build_with(self, *, patch: bool) -> list[Command]:
        """Return Layerwright's build on a machine that has the Python of ``patch_python``, or only the original."""
        folder = (self._patched if patch else self.pythons[self._minor].parents[1]) / "bin"
        only = {"PATH": f"{folder}{os.pathsep}{os.defpath}", "PYENV_ROOT": str(self._scratch / "no-pyenv")}
        return [replace(command, env=only) for command in self.build()]

    def package(self) -> None:
        """Package the ready-made buildpack, and create the input files of its detect phase."""
        for directory in (self._buildpack, self._platform / "env"):
            remove(directory)
        (self._platform / "env").mkdir(parents=True)
        (self._platform / "plan.toml").touch()
        self.run(self.packaging(self._buildpack))

    def packaging(self, output: Path, layerwright: Path = _LAYERWRIGHT) -> list[Command]:
        """Return the command that packages the ready-made buildpack of *layerwright*, a script, as *output*."""
        argv = (str(layerwright), "package", "--output", str(output), "--python", self._minor)
        return [Command(argv=argv, env={"PIP_FIND_LINKS": str(tool_wheelhouse("buildpack"))})]

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

    def write_module(self, name: str, source: str) -> None:
        """Write a module of the application."""
        (self._app / f"{name}.py").write_text(source)

    def write_program(self) -> None:
        """Add a program of 200 modules to the application."""
        program.write(self._app, 200)

    def start_built(self) -> list[Command]:
        """Return a start of the program with nothing but the bytecode that the build has left."""
        program.forget_bytecode(self._app)
        run = (str(_LAYERWRIGHT), "run", "--app", str(self._app), "--layers", str(self._layers))
        start = (*run, "python", program.NAME)
        return [Command(argv=start, env=program.READ_ONLY, cwd=self._app)]

    def start_compiled(self) -> list[Command]:
        """Return a start of the program, with bytecode, by the interpreter of the same virtual environment."""
        copy = self._scratch / "program"
        python = str(self._layers / "venv" / "bin" / "python")
        if not copy.exists():
            copy.mkdir()
            program.write(copy, 200)
            self.run([Command(argv=(python, program.NAME), cwd=copy)])
        shown = f"python {program.NAME}, started before"
        return [Command(argv=(python, program.NAME), env=program.READ_ONLY, cwd=copy, shown=shown)]

    def interpreter(self) -> list[Command]:
        """Return the start of the interpreter that runs Layerwright."""
        return [Command(argv=(sys.executable, "-I", "-c", "pass"), shown="python -I -c pass")]

    def original(self, source: str) -> list[Command]:
        """Return the original of the interpreter in the ``python`` layer, running *source*."""
        return [Command(argv=(str(self.pythons[self._minor]), "-I", "-c", source), shown="the original")]

    def restored(self, source: str) -> list[Command]:
        """Return the interpreter of a copy of the ``python`` layer, restored by a lifecycle, running *source*."""
        copy = self._scratch / "restored"
        if not copy.exists():
            shutil.copytree(self._layers / "python", copy, symlinks=True)
            for path in copy.rglob("*"):
                os.utime(path, (IMAGE_TIME, IMAGE_TIME), follow_symlinks=False)
        return [Command(argv=(str(copy / "bin" / "python3"), "-I", "-c", source))]

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
