"""Copies an interpreter out of a prefix that it may share with others."""

# A thousand files: plain strings are faster than paths.
# ruff: noqa: PTH101, PTH103, PTH114, PTH115, PTH120, PTH123, PTH211

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.pythons.elf import MAGIC
from layerwright.pythons.system._strip import stripped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["copy_interpreter"]


def copy_interpreter(prefix: Path, destination: Path, minor: str) -> None:
    """Copy the CPython *minor* in *prefix*, with the shared libraries of that prefix that it needs, all stripped."""
    made: set[str] = set()
    for name in _files(prefix, minor):
        folder = f"{destination}/{os.path.dirname(name)}"
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        _copy(f"{prefix}/{name}", f"{destination}/{name}")
    _complete_libraries(prefix, destination)


def _files(prefix: Path, minor: str) -> Iterator[str]:
    from layerwright.pythons._contents import belongs

    tops = ("bin", f"include/python{minor}", "lib/pkgconfig", f"lib/python{minor}")
    walks = [os.walk(prefix / top) for top in tops]
    libraries = sorted(path.name for path in (prefix / "lib").iterdir())
    yield from (f"lib/{name}" for name in libraries if belongs(f"lib/{name}", minor))
    for walk in walks:
        for folder, folders, files in walk:
            relative = os.path.relpath(folder, prefix)
            # Enter a directory if a file in it could belong.
            folders[:] = [name for name in folders if belongs(f"{relative}/{name}/any", minor)]
            yield from (f"{relative}/{name}" for name in files if belongs(f"{relative}/{name}", minor))


def _copy(source: str, target: str) -> None:
    if os.path.islink(source) and "/" not in (link := os.readlink(source)):
        os.symlink(link, target)
        return
    with open(source, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        content = file.read()
    with open(target, "xb") as file:
        # Most of what a copy of the whole file would write is debug information.
        file.write(stripped(content) if content.startswith(MAGIC) else content)
    if mode & 0o111:
        os.chmod(target, 0o755)  # noqa: S103


def _complete_libraries(prefix: Path, destination: Path) -> None:
    """Copy the libraries that the copied binaries find in the old ``lib``, and the libraries that those need."""
    from layerwright.pythons._relocate import binaries
    from layerwright.pythons.elf import read_dynamic

    found = list(binaries(destination))
    while found:
        for name in read_dynamic(found.pop()).needed:
            source, target = prefix / "lib" / name, destination / "lib" / name
            if source.is_file() and not target.exists():
                _copy(os.path.realpath(source), os.fspath(target))
                found.append(target)
