"""The command that compiles installed Python files to hash-based bytecode, which stays valid in an image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.files.digests import of_file
from layerwright.process.command import Command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["compile_command", "compiler"]

_SCRIPT: Final = Path(__file__).with_name("_bytecode_script.py")


def compile_command(
    python: Path,
    roots: Sequence[Path],
    *,
    listed: Sequence[str] = (),
    only: str = "",
    adopt: Mapping[Path, Path] | None = None,
    fixed_seed: bool = False,
) -> Command:
    """Return the command that makes the bytecode below *roots* valid for *python*, which runs it.

    It compiles only sources whose bytecode is missing, stale or not hash-based, and removes bytecode without its
    source. Sources that do not compile are not a failure: the command prints their number.

    *listed* are the paths of the sources below the roots to look at, if that is known: nothing else is looked at then.
    *only* has a line for each source not to skip, with its path in site-packages; empty: all. Pass one of the two: both
    are sent to standard input.

    *adopt* has, by root, a directory with the same sources, or the root itself. Bytecode in it that *python* would
    import is not compiled again, but gets the form that all bytecode has here.

    *fixed_seed* makes the order of sets in bytecode deterministic, which before Python 3.11 depends on the hash seed.
    It replaces ``-I`` of *python*, so it is for an otherwise empty environment.
    """
    return Command(
        # Without the site module (-S), no .pth file of the application takes effect.
        argv=(
            str(python),
            "-s" if fixed_seed else "-I",
            "-S",
            "-B",
            str(_SCRIPT),
            *(("--listed",) if listed else ()),
            *(("--only",) if only else ()),
            *(word for root in roots for word in _words(root, adopt or {})),
        ),
        env={"PYTHONHASHSEED": "0"} if fixed_seed else {},
        stdin=only or "\0".join(listed),
        shown="compile bytecode",
        remedy=("If the disk is full, free some space. Then build again.",),
        reference="bytecode-not-written",
    )


def compiler() -> str:
    """Return a digest of the code that compiles: other code may make other bytecode of the same sources."""
    return of_file(_SCRIPT).hexdigest()


def _words(root: Path, adopt: Mapping[Path, Path]) -> Iterator[str]:
    if root in adopt:
        yield f"--adopt={adopt[root]}"
    yield os.path.abspath(root)  # noqa: PTH100  # unresolved
