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
    compiled: Mapping[Path, Path] | None = None,
    since: int = 0,
    valid: Sequence[str] = (),
    only: str = "",
    adopt: Mapping[Path, Path] | None = None,
    fixed_seed: bool = False,
) -> Command:
    """Return the command that makes the bytecode below *roots* valid for *python*, which runs it.

    It compiles only sources whose bytecode is missing, stale or not hash-based, and removes bytecode without its
    source. Sources that do not compile are not a failure: the command prints their number.

    *compiled* has, by root, a directory whose bytecode was up to date at *since*, in nanoseconds of the clock. A source
    is skipped if the same file is there under the same name with the same bytecode (hard links), and was not written
    to later. *valid* are the paths of more sources to skip. *only* replaces them by the sources not to skip, a line for
    each with its path in site-packages; empty: all.

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
            *(("--valid",) if valid else ()),
            *(("--only",) if only else ()),
            *((f"--since={since}",) if compiled else ()),
            *(word for root in roots for word in _words(root, compiled or {}, adopt or {})),
        ),
        env={"PYTHONHASHSEED": "0"} if fixed_seed else {},
        stdin=only or "\0".join(valid),
        shown="compile bytecode",
        remedy=("If the disk is full, free some space. Then build again.",),
        reference="bytecode-not-written",
    )


def compiler() -> str:
    """Return a digest of the code that compiles: other code may make other bytecode of the same sources."""
    return of_file(_SCRIPT).hexdigest()


def _words(root: Path, compiled: Mapping[Path, Path], adopt: Mapping[Path, Path]) -> Iterator[str]:
    if root in compiled:
        yield f"--compiled={compiled[root]}"
    if root in adopt:
        yield f"--adopt={adopt[root]}"
    yield os.path.abspath(root)  # noqa: PTH100  # unresolved
