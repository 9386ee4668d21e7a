"""The command that gives installed Python files bytecode that stays valid in an image: hash-based."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.command import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["compile_command"]

_SCRIPT: Final = Path(__file__).with_name("bytecode_script.py")


def compile_command(python: Path, roots: Sequence[Path]) -> Command:
    """Return the command that makes the bytecode below *roots* valid for *python*, which runs it.

    Only what is missing, stale or not hash-based is compiled, whoever wrote it; bytecode without its source
    is removed. Sources that do not compile are no failure: the command prints how many there are.
    """
    return Command(
        # Without the site module (-S), no .pth file of the application gets a say.
        argv=(str(python), "-I", "-S", "-B", str(_SCRIPT), *map(os.path.abspath, roots)),
        shown="compile bytecode",
        remedy=("Make room on the disk if it is full, then build again.",),
        reference="bytecode-not-written",
    )
