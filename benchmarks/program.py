"""A program of many modules, which tells how many of them it had to compile and how long its imports took."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NAME", "READ_ONLY", "compiled", "forget_bytecode", "seconds", "write"]

NAME: Final = "start.py"
READ_ONLY: Final = {"PYTHONDONTWRITEBYTECODE": "1"}
"""The environment of a process whose files are read-only, also where root may write everywhere."""

_SOURCE: Final = """\
import importlib
import time
from importlib.machinery import SourceFileLoader

compiled = []
original = SourceFileLoader.source_to_code


def source_to_code(self, data, path, **options):
    compiled.append(path)
    return original(self, data, path, **options)


SourceFileLoader.source_to_code = source_to_code
started = time.perf_counter()
for number in range({count}):
    importlib.import_module(f"parts.part_{{number}}")
print(f"{{len(compiled)}} modules compiled, imports took {{time.perf_counter() - started:.6f}} s")
"""
_FUNCTIONS: Final = 30


def write(folder: Path, count: int) -> None:
    """Write the program, whose ``start.py`` imports *count* modules of about a hundred lines, to *folder*."""
    (folder / "parts").mkdir(exist_ok=True)
    (folder / NAME).write_text(_SOURCE.format(count=count))
    for number in range(count):
        functions = (
            f"def function_{index}(values):\n    return [value + {index} for value in values if value]\n"
            for index in range(_FUNCTIONS)
        )
        (folder / "parts" / f"part_{number}.py").write_text("\n".join([f"NUMBER = {number}\n", *functions]))


def forget_bytecode(folder: Path) -> None:
    """Remove what a start of the program below *folder* has written."""
    for cache in folder.rglob("__pycache__"):
        shutil.rmtree(cache)


def seconds(output: str) -> float:
    """Return the seconds of the imports that the program has printed in *output*."""
    return float(_printed(output)[2])


def compiled(output: str) -> str:
    """Return what *output* says about compiling: ``0 modules compiled``."""
    return f"{_printed(output)[1]} modules compiled"


def _printed(output: str) -> re.Match[str]:
    found = re.search(r"^(\d+) modules compiled, imports took ([\d.]+) s$", output, re.MULTILINE)
    if found is None:
        raise ValueError(f"The program has not printed its imports:\n{output}")
    return found
