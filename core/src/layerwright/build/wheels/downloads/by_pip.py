"""Downloads the wheels of a tool with the pip that is installed beside Layerwright.

That one has bytecode, unlike the pip that is bundled with the application's interpreter.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from layerwright.contract.distributions import pip_download, tool_remedy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.build.wheels.pins import Pin
    from layerwright.contract.wheels import LockedWheels
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["download_command"]


def download_command(
    locked: LockedWheels,
    missing: Sequence[Pin],
    interpreter: Interpreter,
    directory: Path,
    environment: Mapping[str, str],
    *,
    pip: str | None = None,
) -> Command | None:
    """Return the command that downloads the wheels of *missing* in *locked* into *directory*.

    *environment* has the user's variables. ``None``: *locked* names no index, or no pip is installed in the
    environment of Layerwright. *pip* replaces the path of that pip.
    """
    found = find_spec("pip") if pip is None else None
    place = found.origin if found else pip
    # With -I, nothing else can be imported.
    if locked.index is None or not place or not place.startswith(f"{sys.prefix}/"):
        return None
    from pathlib import Path

    from packaging.tags import platform_tags

    first, *others = missing
    what = f"{len(missing)} locked distributions" if others else f"{first.name}=={first.version}"
    return pip_download(
        Path(sys.executable),
        *platform_tags(),
        minor=interpreter.minor,
        requirements="".join(f"{pin.line}\n" for pin in missing),
        into=directory,
        environment=environment,
        index=locked.index,
        shown=f"pip download {what}",
        remedy=tool_remedy(interpreter),
        reference="tool-not-installed",
        bundled=False,
    )
