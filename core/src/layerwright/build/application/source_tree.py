"""The modules of an application and their bytecode, as its image has them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from layerwright.build.application._telling import not_valid
from layerwright.build.application.bytecode import compile_modules, read_kept, write_kept
from layerwright.build.application.modules import modules_in, source_directories
from layerwright.files.frozen import frozen
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.build.application.bytecode import Compiled
    from layerwright.files.project import Project
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["SourceTree"]


@frozen
class SourceTree:
    """The source tree of *project*, whose virtual environment is *venv*, for *interpreter*.

    The file *kept* keeps the bytecode of each module by name and content, so that it is compiled once.
    """

    project: Project
    venv: Path
    interpreter: Interpreter
    kept: Path

    @property
    def identity(self) -> str:
        """What the bytecode depends on besides the modules."""
        return f"Python {self.interpreter.version}, Layerwright {__version__}"

    def modules(self) -> list[str]:
        """Return the paths of the modules in the tree."""
        directories = source_directories(self.project, self.interpreter.site_packages(self.venv))
        return [module for one in directories for module in modules_in(one, self.project.tree)]

    def compile(self, modules: Iterable[str], *, runner: Runner, temporary: Path) -> Compiled:
        """Return the bytecode of *modules*, paths in the tree, which is only read: see :func:`compile_modules`."""
        before = read_kept(self.kept)
        compiled = compile_modules(
            self.project.tree,
            modules,
            before,
            interpreter=self.interpreter,
            runner=runner,
            temporary=temporary,
        )
        if compiled.kept != before:
            # The next build compiles again what cannot be kept, or what another one keeps at the same moment.
            with suppress(OSError):
                write_kept(self.kept, compiled.kept)
        return compiled

    def not_valid(self, compiled: Compiled) -> str:
        """Return which modules do not compile, in words."""
        return not_valid(compiled, self.interpreter)
