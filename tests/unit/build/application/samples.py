"""A source tree, and what its modules are compiled with: the interpreter that runs the tests."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.application.bytecode import Kept, compile_modules
from layerwright.build.application.modules import modules_in
from layerwright.process.runner import Runner
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.build.application.bytecode import Compiled
    from layerwright.process.command import Command

__all__ = ["SUFFIX", "Tree"]

SUFFIX: Final = f".{sys.implementation.cache_tag}.pyc"


class Tree:
    """The source tree in *place*; ``commands`` are those that were run to compile it."""

    def __init__(self, place: Path) -> None:
        self.path: Final = place / "app"
        self.path.mkdir()
        self.temporary: Final = place / "temporary"
        self.temporary.mkdir()
        self.commands: Final[list[Command]] = []
        self.interpreter = Interpreter(version=platform.python_version(), prefix=Path(sys.base_prefix))
        self.runner: Final = Runner(env={}, on_command=self.commands.append)

    def write(self, name: str, text: str = "") -> Path:
        """Write *text* into the file *name*."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def modules(self) -> list[str]:
        """Return the modules of the tree."""
        return list(modules_in(self.path, self.path))

    def compile(self, kept: Kept | None = None) -> Compiled:
        """Return the bytecode of all modules."""
        return compile_modules(
            self.path,
            self.modules(),
            Kept() if kept is None else kept,
            interpreter=self.interpreter,
            runner=self.runner,
            temporary=self.temporary,
        )

    def imported(self, statement: str, *paths: Path, env: Mapping[str, str] | None = None) -> list[str]:
        """Execute *statement* in a process; return the modules that it compiles, and what it prints.

        It imports from *paths*, by default from the tree, in the environment *env*.
        """
        places = [str(path) for path in paths or [self.path]]
        executed = subprocess.run(
            [self.interpreter.executable, "-s", "-S", "-B", "-c", _COUNTING.format(places, statement)],
            check=True,
            capture_output=True,
            text=True,
            env=env or {},
        )
        return executed.stdout.splitlines()


_COUNTING: Final = """\
import sys
from importlib.machinery import SourceFileLoader
class Counting(SourceFileLoader):
    def source_to_code(self, data, path, **more):
        print("compiled", path.rpartition("/")[2])
        return compile(data, path, "exec", dont_inherit=True)
SourceFileLoader.source_to_code = Counting.source_to_code
sys.path[:0] = {!r}
{}
"""
