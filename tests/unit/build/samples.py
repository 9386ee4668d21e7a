"""What a layer is made with: an interpreter that is only a shell script, and a place that keeps what is said."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from layerwright.build._contribute import Contributor
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.cnb.target import Target
from layerwright.contract.package_manager import PackageManager
from layerwright.output.log import Log
from layerwright.process.command import Command
from layerwright.process.runner import Runner
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.build._decide import Decision
    from layerwright.contract.values.environment import EnvironmentInstall, EnvironmentRequest
    from layerwright.contract.values.project import Detection
    from layerwright.contract.values.tool import ToolLayer, ToolRequest

__all__ = ["TARGET", "Acme", "Site", "sh", "words_of"]

TARGET: Final = Target(os="linux", arch="amd64", distro_name="debian", distro_version="12")
_INTERPRETER: Final = """\
#!/bin/sh
case "$*" in
  *"-m venv"*) shift 4; mkdir -p "$1/lib/python3.13/site-packages" ;;
  *) shift 4; echo "compiled $*" ;;
esac
"""


def words_of(decision: Decision) -> str:
    """Return *decision* as text."""
    return f"{decision.action.value}: {'; '.join(decision.reasons)}"


class Acme(PackageManager):
    """A package manager by name."""

    name = "acme"
    display_name = "Acme"

    def detect(self, request: object) -> Detection | None:
        raise NotImplementedError

    def tool_layer(self, request: ToolRequest) -> ToolLayer:
        raise NotImplementedError

    def environment(self, request: EnvironmentRequest) -> EnvironmentInstall:
        raise NotImplementedError


class Site:
    """A machine with an interpreter and a layers directory below *path*; notes what is run and what is said.

    ``preserved`` is where a layer that is about to be changed is as it was.
    """

    def __init__(self, path: Path) -> None:
        self.preserved: Path | None = None
        self.layers: Final = LayersDirectory(path / "layers", preserve=lambda _name: self.preserved)
        self.interpreter: Final = Interpreter(version="3.13.2", prefix=path / "python")
        self.interpreter.executable.parent.mkdir(parents=True)
        self.interpreter.executable.write_text(_INTERPRETER)
        self.interpreter.executable.chmod(0o755)
        self.commands: list[str] = []
        self._said = io.StringIO()
        self.log: Final = Log(self._said, self._said)
        self.runner = Runner(env={"PATH": "/usr/bin:/bin"}, on_line=self.log.output, on_command=self._note)

    def contributor(self) -> Contributor:
        """Return a contributor for a new build, of which nothing has been said yet."""
        self.commands.clear()
        self._said.truncate(0)
        self._said.seek(0)
        return Contributor(self.layers, environment=self.runner.env, log=self.log)

    @property
    def said(self) -> str:
        """The log of the build."""
        return self._said.getvalue()

    def metadata(self, name: str) -> Mapping[str, object] | None:
        """Return the metadata of the layer *name*, ``None`` where it is not complete."""
        return self.layers.restored(name).metadata

    def _note(self, command: Command) -> None:
        self.commands.append(command.words)


def sh(script: str, *arguments: object, stdin: str = "", shown: str = "") -> Command:
    """Return the command that runs *script* with *arguments*."""
    return Command(argv=("sh", "-euc", script, "sh", *map(str, arguments)), stdin=stdin, shown=shown)
