"""Installs a tool from its wheels, in this process.

pip, uv and others come as wheels: archives of files with a list of them. Unpacking these takes a tenth of a second. The
pip that is bundled with every interpreter has no bytecode, and its start alone takes a second.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import BadZipFile

from layerwright.build.wheels._beside import find_beside
from layerwright.build.wheels._choose import open_wheel
from layerwright.build.wheels._unpack import Scheme, extract, unpack
from layerwright.build.wheels.pins import pins
from layerwright.build.wheels.tags import ranks
from layerwright.build.wheels.wheel import ArchivedWheel, UnusableWheelError
from layerwright.contract.distributions import make_venv
from layerwright.contract.wheels import WheelLayout
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from layerwright.build.wheels.pins import Pin
    from layerwright.build.wheels.wheel import Wheel
    from layerwright.contract.wheels import LockedWheels
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

    Download = Callable[[Sequence[Pin], Path], Command | None]

__all__ = ["PLACE", "SHELF", "environment_command", "install_wheels"]

PLACE: Final = Path("share", "layerwright", "wheels")
"""The directory, in the prefix of an interpreter, with the wheels that come with its Layerwright."""

SHELF: Final = sys.prefix / PLACE
"""That directory of this interpreter, which may not exist."""

# Its scripts work with every later Python. For 3.8, only old versions of tools exist.
_OLDEST: Final = 9


class _Found(NamedTuple):
    pin: Pin
    wheel: Wheel


def install_wheels(
    locked: LockedWheels,
    layer: Path,
    interpreter: Interpreter,
    *,
    run: Callable[[Command], object],
    download: Download | None = None,
    at: Path | None = None,
    more: Sequence[Path] = (),
    shelf: Path = SHELF,
    beside: Iterable[str] | None = None,
) -> tuple[str, ...] | None:
    """Fill the empty *layer* with *locked*, without bytecode; return the distributions, each with its version.

    ``None``: a wheel is missing, or only a package manager can install it. The layer is then empty. *run* runs the
    commands that create a virtual environment and download what is missing; *download* returns the latter, or has
    downloaded it. If the layer is moved to *at* later, :func:`environment_command` is left to the caller. *more* and
    *shelf* are searched in addition to the plugin's own directories, and *beside* replaces ``sys.path`` for
    distributions that are installed beside Layerwright.
    """
    if int(interpreter.minor.partition(".")[2]) < _OLDEST:
        return None
    wanted = pins(locked.hashed, interpreter.version) or ()
    with ExitStack() as stack:
        try:
            directories = [*locked.directories, shelf, *more]
            found = _find(locked, wanted, interpreter, directories, beside, stack)
            missing = [pin for pin in wanted if pin not in {one.pin for one in found}]
            # What a killed process leaves beside the layer is removed when that is moved.
            place = layer.parent if at else None
            downloads = Path(stack.enter_context(TemporaryDirectory(prefix="layerwright-", dir=place)))
            command = download(missing, downloads) if missing and download is not None else None
            if command is not None:
                run(command)
            found += _find(locked, missing, interpreter, [downloads], (), stack)
            if not found or len(found) < len(wanted):
                return None
            _fill(locked, [one.wheel for one in found], layer, interpreter, at or layer)
            environment = environment_command(locked, layer, interpreter)
            if environment is not None and at is None:
                run(environment)
        except (BadZipFile, NotImplementedError, OSError, UnusableWheelError, ValueError):
            # The commands say what is wrong, if it is wrong for them as well.
            for path in list(layer.iterdir()):
                remove_tree(path)
            return None
    return tuple(f"{one.pin.name} {one.pin.version}" for one in found)


def environment_command(locked: LockedWheels, layer: Path, interpreter: Interpreter) -> Command | None:
    """Return the command that completes the virtual environment in *layer*, if *locked* is in one."""
    return make_venv(interpreter, layer / "venv") if locked.layout is WheelLayout.ENVIRONMENT else None


def _find(
    locked: LockedWheels,
    wanted: Iterable[Pin],
    interpreter: Interpreter,
    directories: Sequence[Path],
    beside: Iterable[str] | None,
    stack: ExitStack,
) -> list[_Found]:
    """Return a wheel for each of *wanted* that is at hand."""
    found = []
    for pin in wanted:
        archive = open_wheel(pin, directories, ranks(interpreter.minor))
        if archive is not None:
            found.append(_Found(pin, ArchivedWheel(stack.enter_context(archive))))
            continue
        contents = {digest: locked.contents[digest] for digest in pin.hashes & locked.contents.keys()}
        installed = find_beside(pin.name, pin.version, contents, path=beside)
        if installed is not None:
            found.append(_Found(pin, installed))
    return found


def _fill(
    locked: LockedWheels,
    wheels: Sequence[Wheel],
    layer: Path,
    interpreter: Interpreter,
    at: Path,
) -> None:
    if locked.layout is WheelLayout.EXECUTABLES:
        for wheel in wheels:
            extract(wheel, layer / "bin")
        _refuse_missing(locked.scripts, layer / "bin")
        return
    own = locked.layout is WheelLayout.ENVIRONMENT
    base = layer / "venv" if own else layer
    scheme = Scheme(
        base=base,
        site=interpreter.site_packages(base),
        scripts=base / "bin",
        python=at / "venv" / "bin" / "python" if own else interpreter.executable,
        minor=interpreter.minor,
    )
    for wheel in wheels:
        unpack(wheel, scheme)
    _refuse_missing(locked.scripts, scheme.scripts)
    if own:
        (layer / "bin").mkdir()
        for name in locked.scripts:
            (layer / "bin" / name).symlink_to(Path("..", "venv", "bin", name))


def _refuse_missing(scripts: Sequence[str], directory: Path) -> None:
    missing = [name for name in scripts if not os.access(directory / name, os.X_OK)]
    if missing:
        raise UnusableWheelError(f"there is no script {missing[0]}")
