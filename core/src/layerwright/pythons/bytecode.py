"""The command that gives installed Python files bytecode that stays valid in an image: hash-based."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["compile_command"]

_SCRIPT: Final = Path(__file__).with_name("_bytecode_script.py")


def compile_command(
    python: Path,
    roots: Sequence[Path],
    *,
    compiled: Mapping[Path, Path] | None = None,
    fixed_seed: bool = False,
) -> Command:
    """Return the command that makes the bytecode below *roots* valid for *python*, which runs it.

    Only what is missing, stale or not hash-based is compiled, whoever wrote it; bytecode without its source
    is removed. Sources that do not compile are no failure: the command prints how many there are.

    *compiled* has, by root, a directory that was brought up to date before. A file that is there under the same name
    with its bytecode, both the very same files (hard links) and in this order of age, is not looked into.

    *fixed_seed* has a set in bytecode always in the same order, which before Python 3.11 depends on the seed of
    hashes. It is for an environment that is otherwise empty, as it takes the place of *python*'s ``-I``.
    """
    return Command(
        # Without the site module (-S), no .pth file of the application gets a say.
        argv=(
            str(python),
            "-s" if fixed_seed else "-I",
            "-S",
            "-B",
            str(_SCRIPT),
            *(word for root in roots for word in _words(root, (compiled or {}).get(root))),
        ),
        env={"PYTHONHASHSEED": "0"} if fixed_seed else {},
        shown="compile bytecode",
        remedy=("If the disk is full, free some space. Then build again.",),
        reference="bytecode-not-written",
    )


def _words(root: Path, compiled: Path | None) -> tuple[str, ...]:
    words = (os.path.abspath(root),)  # noqa: PTH100  # unresolved
    return words if compiled is None else (f"--compiled={compiled}", *words)
