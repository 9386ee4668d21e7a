"""Writes bytecode beside the modules of a source tree that is the platform's copy."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build._decide import LayerSpec
from layerwright.build.application._telling import HEADING, tell, tell_unwritten, warning_of_failures
from layerwright.build.application.source_tree import SourceTree
from layerwright.build.layers import names
from layerwright.build.layers.python import abi_input
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build._contribute import Contributor
    from layerwright.build.request import BuildRequest
    from layerwright.output.log import Log
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["contribute_bytecode", "write_files"]

_KEPT: Final = "modules"


def contribute_bytecode(
    contributor: Contributor, request: BuildRequest, interpreter: Interpreter, *, runner: Runner, log: Log
) -> None:
    """Write the bytecode of the application's modules beside them, and keep it in a cache layer for the next build."""
    tree = SourceTree(
        project=request.project,
        venv=request.layers.layer_path(names.VENV),
        interpreter=interpreter,
        kept=request.layers.layer_path(names.BYTECODE) / _KEPT,
    )
    modules = tree.modules()
    if not modules:
        return
    log.heading(HEADING)
    spec = _describe(interpreter)
    contributor.contribute(spec, create=lambda _layer: None, at_once=True)
    with warning_of_failures(log):
        temporary = Path(request.environment["TMPDIR"])
        compiled = tree.compile(modules, runner=runner.without_secrets(), temporary=temporary)
        contributor.measure(spec)
        tell(compiled, interpreter, log)
        tell_unwritten(write_files(request.project.tree, compiled.files()), log)


def write_files(tree: Path, files: Iterable[tuple[str, bytes]]) -> tuple[str, ...]:
    """Write each of *files*, a path in *tree* and its content, and return those that could not be written.

    A file with the same content stays as it is, and a symbolic link to another directory is not written into.
    """
    unwritten = []
    for name, content in files:
        try:
            _write(f"{tree}/{name}", content)
        except OSError:
            unwritten.append(name)
    return tuple(unwritten)


def _write(path: str, content: bytes) -> None:
    # Plain strings, because there may be thousands of files.
    directory = path.rpartition("/")[0]
    try:
        os.mkdir(directory)  # noqa: PTH102
    except FileExistsError:
        if os.path.islink(directory):  # noqa: PTH114
            raise
        with suppress(FileNotFoundError), open(path, "rb") as file:  # noqa: PTH123
            if file.read() == content:
                return
    temporary = f"{path}.tmp"
    with suppress(FileNotFoundError):
        os.unlink(temporary)  # noqa: PTH108
    # A process that is killed here leaves no truncated bytecode, which an import would not survive.
    with open(temporary, "xb") as file:  # noqa: PTH123
        file.write(content)
    os.replace(temporary, path)  # noqa: PTH105


def _describe(interpreter: Interpreter) -> LayerSpec:
    return LayerSpec(
        name=names.BYTECODE,
        types=LayerTypes(cache=True),
        # The interpreter ignores bytecode of another format, which no patch release has had.
        inputs={**abi_input(interpreter), "Layerwright version": __version__},
    )
