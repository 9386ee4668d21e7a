"""The bytecode of the application's modules as a layer of an image, above those of its files."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from layerwright.image.layers.tar import DIRECTORY, FILE, Member
from layerwright.image.layers.trees import DIRECTORY_MODE, parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from layerwright.build.application.source_tree import SourceTree
    from layerwright.image.layers.application import ApplicationFiles
    from layerwright.process.runner import Runner

__all__ = ["Bytecode", "Compiler", "bytecode_layers"]


class Compiler(NamedTuple):
    """Compiles modules of the source *tree* by commands of *runner*; *temporary* is a directory for their files.

    *told* is called with words about the modules that do not compile.
    """

    tree: SourceTree
    runner: Runner
    temporary: Path
    told: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Bytecode:
    """The bytecode of *modules*, files of the application, by *compiler*."""

    modules: ApplicationFiles
    compiler: Compiler
    words: str = "Application: bytecode"

    @property
    def identity(self) -> str:
        """Equal while no module was written to; empty if one was written to just now."""
        modules = self.modules.identity
        return modules and f"{modules}\0{self.compiler.tree.identity}"

    def members(self) -> Iterator[tuple[Member, bytes | Path]]:
        """Yield the bytecode files in the order of their paths, with their directories, where imports find them."""
        names = [name for name, _status in self.modules.found]
        tree, runner, temporary, told = self.compiler
        compiled = tree.compile(names, runner=runner, temporary=temporary)
        if compiled.failed:
            told(tree.not_valid(compiled))
        at, owner = self.modules.at, self.modules.owner
        contents = {os.fsencode(f"{at}/{name}"): content for name, content in compiled.files()}
        folders = {os.fsencode(at), *(path.rpartition(b"/")[0] for path in contents)}
        yield from parents(at, owner)
        for path in sorted({*folders, *contents}):
            if path in folders:
                yield Member(path, DIRECTORY, DIRECTORY_MODE, *owner), b""
            else:
                yield Member(path, FILE, 0o644, *owner, len(contents[path])), contents[path]


def bytecode_layers(application: Sequence[ApplicationFiles], compiler: Compiler | None) -> list[Bytecode]:
    """Return the layer of the bytecode of the modules among the files of *application*, if there are any."""
    modules = frozenset() if compiler is None else frozenset(compiler.tree.modules())
    found = [one for files in application for one in files.found if one.name in modules]
    if compiler is None or not found:
        return []
    return [Bytecode(modules=replace(application[0], found=found), compiler=compiler)]
