"""Downloads and unpacks package managers on another core while the interpreter is made: neither needs the other.

In the rest of a first build, each step needs the one before it, or compiles on all cores.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.removal import remove_tree
from layerwright.process.forks import Forked, forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from layerwright.build._contribute import Contributor
    from layerwright.build._specify import Described, DescribedTool
    from layerwright.build.wheels.pins import Pin
    from layerwright.contract.values.tool import ToolLayer
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

    Distributions = tuple[str, ...]

__all__ = ["Ahead", "unpacking_ahead"]


class _Begun(NamedTuple):
    directory: Path
    work: Forked[Distributions]


class Ahead:
    """The package managers that are unpacked in the directory *place*, each in a process that *fork* begins."""

    def __init__(self, place: Path, *, fork: Callable[..., Forked[Distributions]] = forked) -> None:
        self._place: Final = place
        self._fork: Final = fork
        self._begun: Final[dict[str, _Begun]] = {}

    def begin(self, layer: Path, tool: ToolLayer, interpreter: Interpreter, runner: Runner) -> None:
        """Begin to unpack *tool*, if it is locked, for *layer* and the future *interpreter*."""
        wheels = tool.wheels
        if wheels is None:
            return
        directory = self._place / layer.name
        directory.mkdir(parents=True)

        def unpack() -> Distributions | None:
            from layerwright.build.wheels.downloads.directly import download_directly
            from layerwright.build.wheels.install import install_wheels
            from layerwright.build.wheels.linked import linked_directories

            # What is still missing is downloaded later by pip: a fork runs no commands.
            def download(missing: Sequence[Pin], into: Path) -> None:
                download_directly(wheels, missing, interpreter.minor, into, runner.env)

            more = linked_directories(runner.env)
            return install_wheels(
                wheels, directory, interpreter, run=runner.run, download=download, at=layer, more=more
            )

        self._begun[layer.name] = _Begun(directory, self._fork(unpack))

    def move(self, layer: Path) -> Distributions:
        """Move what was unpacked for *layer* into it, which is empty; return the distributions, none if it was not."""
        begun = self._begun.pop(layer.name, None)
        found = begun and begun.work()
        if begun is None or not found:
            return ()
        for path in list(begun.directory.iterdir()):
            path.rename(layer / path.name)
        return found

    def end(self) -> None:
        """Stop what was not moved, and remove it."""
        for begun in self._begun.values():
            begun.work.stop()
        if os.path.lexists(self._place):
            remove_tree(self._place)


@contextmanager
def unpacking_ahead(
    contributor: Contributor, described: Described, tools: Iterable[DescribedTool], runner: Runner
) -> Iterator[Ahead]:
    """Begin to download and unpack each of *tools* that is created.

    What was not moved into its layer is removed afterwards, and what a killed build left is removed before.
    """
    ahead = Ahead(contributor.private / "ahead")
    ahead.end()
    try:
        for one in tools:
            if contributor.creates(one.spec):
                running = runner.within(contributor.environment)
                ahead.begin(
                    contributor.private.parent / one.spec.name, one.tool, described.interpreter, running
                )
        yield ahead
    finally:
        ahead.end()
