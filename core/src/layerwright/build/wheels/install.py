"""Installs a tool from wheels that are at hand, in this process.

pip, uv and others come as wheels: archives of files with a list of them. Unpacking these takes a tenth of a second. The
pip that is bundled with every interpreter has no bytecode, and its start alone takes a second.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import BadZipFile

from layerwright.build.wheels._beside import find_beside
from layerwright.build.wheels._choose import open_wheel, ranks
from layerwright.build.wheels._unpack import Scheme, extract, unpack
from layerwright.build.wheels.pins import pins
from layerwright.build.wheels.wheel import ArchivedWheel, UnusableWheelError
from layerwright.contract.distributions import make_venv
from layerwright.contract.locked import WheelLayout
from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from layerwright.build.wheels.pins import Pin
    from layerwright.build.wheels.wheel import Wheel
    from layerwright.contract.locked import LockedWheels
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["PLACE", "SHELF", "install_wheels"]

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
    more: Sequence[Path] = (),
    shelf: Path = SHELF,
    beside: Iterable[str] | None = None,
) -> tuple[str, ...] | None:
    """Fill the empty *layer* with *locked*, without bytecode; return the distributions, each with its version.

    ``None``: a wheel is not at hand, or only a package manager can install it. The layer is then empty. *run* runs the
    command that creates a virtual environment. *more* and *shelf* are searched in addition to the plugin's own
    directories, and *beside* replaces ``sys.path`` for distributions that are installed beside Layerwright.
    """
    if int(interpreter.minor.partition(".")[2]) < _OLDEST:
        return None
    with ExitStack() as stack:
        try:
            found = _find(locked, interpreter, (*locked.directories, shelf, *more), beside, stack)
            if not found:
                return None
            _fill(locked, [one.wheel for one in found], layer, interpreter, run)
        except (BadZipFile, NotImplementedError, OSError, UnusableWheelError, ValueError):
            # The commands say what is wrong, if it is wrong for them as well.
            for path in list(layer.iterdir()):
                remove_tree(path)
            return None
    return tuple(f"{one.pin.name} {one.pin.version}" for one in found)


def _find(
    locked: LockedWheels,
    interpreter: Interpreter,
    directories: Sequence[Path],
    beside: Iterable[str] | None,
    stack: ExitStack,
) -> list[_Found]:
    """Return a wheel for each distribution of *locked*; none at all if one is missing."""
    found = []
    for pin in pins(locked.hashed, interpreter.version) or ():
        archive = open_wheel(pin, directories, ranks(interpreter.minor))
        if archive is not None:
            found.append(_Found(pin, ArchivedWheel(stack.enter_context(archive))))
            continue
        contents = {digest: locked.contents[digest] for digest in pin.hashes & locked.contents.keys()}
        installed = find_beside(pin.name, pin.version, contents, path=beside)
        if installed is None:
            return []
        found.append(_Found(pin, installed))
    return found


def _fill(
    locked: LockedWheels,
    wheels: Sequence[Wheel],
    layer: Path,
    interpreter: Interpreter,
    run: Callable[[Command], object],
) -> None:
    if locked.layout is WheelLayout.EXECUTABLES:
        for wheel in wheels:
            extract(wheel, layer / "bin")
        _refuse_missing(locked.scripts, layer / "bin")
        return
    own = locked.layout is WheelLayout.ENVIRONMENT
    base = layer / "venv" if own else layer
    if own:
        run(make_venv(interpreter, base))
    scheme = Scheme(
        base=base,
        site=interpreter.site_packages(base),
        scripts=base / "bin",
        python=base / "bin" / "python" if own else interpreter.executable,
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
