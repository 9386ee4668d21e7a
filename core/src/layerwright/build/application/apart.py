"""Keeps the bytecode of a source tree that cannot be written to in a directory of its own.

A process finds it there by ``PYTHONPYCACHEPREFIX``. That is where an interpreter then looks for *all* bytecode, so the
directory also has links to that of the layers. What is found through it is never stale: the links lead to the layers
as they are, and the rest is checked against the source.
https://docs.python.org/3/library/sys.html#sys.pycache_prefix
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.application._telling import HEADING, tell, warning_of_failures
from layerwright.build.application.modules import modules_in, source_directories
from layerwright.build.layers import names
from layerwright.files.atomic import sync_file_system
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.files.project import Project
from layerwright.files.removal import remove_tree
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from layerwright.build.application.bytecode import Compiled
    from layerwright.build.request import BuildRequest
    from layerwright.output.log import Log
    from layerwright.process.runner import Runner
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["keep_apart", "variables"]

_ROOT: Final = Path("/")
_CACHE: Final = "__pycache__"
_PREFIX: Final = "prefix"
_KEPT: Final = "modules"
_STATE: Final = "state"


def variables(place: Path) -> dict[str, str]:
    """Return the variables of a process that finds the bytecode that :func:`keep_apart` keeps in *place*, if any."""
    prefix = place / _PREFIX
    if not prefix.is_dir():
        return {}
    # A process would add bytecode that is compared with its source by time and size alone.
    return {"PYTHONPYCACHEPREFIX": str(prefix), "PYTHONDONTWRITEBYTECODE": "1"}


def keep_apart(
    place: Path, request: BuildRequest, interpreter: Interpreter, *, runner: Runner, log: Log
) -> None:
    """Keep the bytecode of the application's modules in *place*; nothing is run or read if none of them changed."""
    with warning_of_failures(log):
        modules = tuple(_modules(request, interpreter))
        if not modules:
            if place.is_dir():
                remove_tree(place)
            return
        state = _state(request, interpreter, modules)
        if read_checksummed(place / _STATE) != state:
            _keep(place, request, interpreter, modules, state, runner=runner, log=log)


def _keep(
    place: Path,
    request: BuildRequest,
    interpreter: Interpreter,
    modules: Iterable[str],
    state: bytes,
    *,
    runner: Runner,
    log: Log,
) -> None:
    # A build with nothing changed does not need it.
    from layerwright.build.application.bytecode import compile_modules, read_kept

    log.heading(HEADING)
    compiled = compile_modules(
        _ROOT,
        modules,
        read_kept(place / _KEPT),
        interpreter=interpreter,
        runner=runner.without_secrets(),
        temporary=Path(request.environment["TMPDIR"]),
    )
    new = _emptied(place.with_name(f"{place.name}.new"))
    _fill(new, place / _PREFIX, request, compiled)
    write_checksummed(new / _STATE, state)
    old = _emptied(place.with_name(f"{place.name}.old"))
    # A power cut must not leave truncated bytecode, which an import would not survive.
    sync_file_system(new)
    if place.is_dir():
        place.rename(old)
    new.rename(place)
    remove_tree(old)
    root = request.project.root.resolve()
    shown = tuple(os.path.relpath(_ROOT / name, root) for name in compiled.failed)
    tell(compiled._replace(failed=shown), interpreter, log)


def _modules(request: BuildRequest, interpreter: Interpreter) -> Iterator[str]:
    """Yield the paths of modules from the root directory, because editable distributions may be anywhere."""
    site_packages = interpreter.site_packages(request.layers.layer_path(names.VENV))
    project = Project(request.project.root.resolve(), _ROOT, request.project.script)
    for directory in source_directories(project, site_packages):
        yield from modules_in(directory, _ROOT, without=request.layers.path.resolve())


def _state(request: BuildRequest, interpreter: Interpreter, modules: Iterable[str]) -> bytes:
    """Return a digest of everything that the bytecode and the links depend on, which needs no file to be read."""
    import hashlib

    layers = (request.layers.layer_path(name).with_suffix(".toml") for name in (names.PYTHON, names.VENV))
    state = hashlib.sha256(repr((__version__, interpreter.version)).encode())
    for path in (*map(os.fspath, layers), *(f"/{module}" for module in modules)):
        status = os.stat(path)  # noqa: PTH116  # one of thousands of modules
        state.update(os.fsencode(path))
        state.update(repr((status.st_ino, status.st_mtime_ns, status.st_size)).encode())
    return state.digest()


def _fill(place: Path, final: Path, request: BuildRequest, compiled: Compiled) -> None:
    """Write bytecode and links into *place*, whose directory for a process will be *final*."""
    from layerwright.build.application.bytecode import write_kept

    write_kept(place / _KEPT, compiled.kept)
    prefix = place / _PREFIX
    prefix.mkdir()
    for name, content in compiled.files():
        file = prefix / name.replace(f"{_CACHE}/", "")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    for layer in (names.PYTHON, names.VENV):
        _link_bytecode(os.fspath(request.layers.layer_path(layer)), os.fspath(prefix))
    # The working directory of a process is a resolved path, and search paths of layers need not be.
    layers, root = request.layers.path, request.project.root
    for other, path in ((layers.resolve(), layers), (root, root.resolve())):
        link = prefix.joinpath(*other.parts[1:])
        if not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(final.joinpath(*path.parts[1:]))


def _link_bytecode(layer: str, prefix: str) -> None:
    """Create links in *prefix* to all bytecode in *layer*."""
    for directory, folders, _files in os.walk(layer):
        if _CACHE in folders:
            folders.remove(_CACHE)
            os.makedirs(f"{prefix}{directory}", exist_ok=True)  # noqa: PTH103  # one of thousands
            for name in os.listdir(f"{directory}/{_CACHE}"):  # noqa: PTH208
                os.symlink(f"{directory}/{_CACHE}/{name}", f"{prefix}{directory}/{name}")  # noqa: PTH211


def _emptied(directory: Path) -> Path:
    """Return *directory*, new and empty: a killed build may have left it."""
    if directory.is_dir():
        remove_tree(directory)
    directory.mkdir(parents=True)
    return directory
