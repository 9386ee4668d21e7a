"""Another patch release of Python: a copy of an interpreter in which only the number of the release differs.

A machine rarely has two patch releases of one minor version.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["can_be_patched", "next_patch", "patched", "renumbered"]

_PROBE: Final = "import platform, sys; print('%d.%d.%d' % sys.version_info[:3], platform.python_version())"
_BETWEEN: Final = 60
"""The most bytes of machine code between two of the three numbers of ``sys.version_info``."""


def next_patch(version: str) -> str:
    """Return the patch release after *version*: ``3.12.2`` after ``3.12.1``."""
    minor, _, patch = version.rpartition(".")
    return f"{minor}.{int(patch) + 1}"


def can_be_patched(executable: Path) -> bool:
    """Return whether ``patched`` can change the interpreter *executable*."""
    before = _reported(executable)[0]
    return any(_can_be_renumbered(path, before) for path in _binaries(executable))


def renumbered(binary: bytes, before: str, after: str) -> bytes:
    """Return *binary*, CPython or its library for x86-64, with the patch release *after* instead of *before*.

    The number changes in ``sys.version``, ``sys.version_info`` and ``sys.hexversion``, the size does not. Raise
    ``ValueError`` if that is not possible: the texts have different lengths, or a number is not found where expected.
    """
    text, code = before.encode() + b"\0", _code(before)
    if len(before) != len(after) or len(code.findall(binary)) != 1 or text not in binary:
        raise ValueError(f"Python {before} cannot be changed to {after}.")
    changed = code.sub(lambda match: match[0][:-4] + _number(after.rpartition(".")[2]), binary)
    return changed.replace(text, after.encode() + b"\0").replace(_packed(before), _packed(after))


def patched(python: Path, place: Path) -> Path:
    """Copy the relocatable interpreter in *python* to *place* as the next patch release, and return *place*.

    Raise ``ValueError`` if this interpreter cannot be changed.
    """
    shutil.copytree(python, place, symlinks=True)
    executable = place / "bin" / "python3"
    before = _reported(executable)[0]
    after = next_patch(before)
    for path in _binaries(executable):
        if _can_be_renumbered(path, before):
            path.write_bytes(renumbered(path.read_bytes(), before, after))
    for header in place.glob("include/python3.*/patchlevel.h"):
        text = header.read_text().replace(f'"{before}"', f'"{after}"')
        header.write_text(re.sub(r"(PY_MICRO_VERSION\s+)\d+", rf"\g<1>{after.rpartition('.')[2]}", text))
    if _reported(executable) != [after, after]:
        raise ValueError(f"The copy of Python {before} does not report {after}.")
    return place


def _binaries(executable: Path) -> list[Path]:
    binary = executable.resolve()
    return [binary, *binary.parents[1].glob("lib/libpython3.*.so.1.0")]


def _can_be_renumbered(path: Path, before: str) -> bool:
    try:
        renumbered(path.read_bytes(), before, next_patch(before))
    except ValueError:
        return False
    return True


def _reported(executable: Path) -> list[str]:
    return subprocess.check_output([executable, "-I", "-c", _PROBE], text=True).split()


def _code(version: str) -> re.Pattern[bytes]:
    """Match the machine code that passes each of the three numbers of *version* to a function, one after the other."""
    between = b".{1,%d}?" % _BETWEEN
    moves = (re.escape(b"\xbf" + _number(part)) for part in version.split("."))
    return re.compile(between.join(moves), re.DOTALL)


def _number(text: str) -> bytes:
    return int(text).to_bytes(4, "little")


def _packed(version: str) -> bytes:
    major, minor, patch = map(int, version.split("."))
    return (major << 24 | minor << 16 | patch << 8 | 0xF0).to_bytes(4, "little")
