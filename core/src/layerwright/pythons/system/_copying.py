"""Copies an interpreter out of a prefix that it may share with others."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.pythons.elf import MAGIC
from layerwright.pythons.system._strip import stripped

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["copy_interpreter"]


def copy_interpreter(prefix: Path, destination: Path, minor: str) -> None:
    """Copy the CPython *minor* in *prefix*, with the shared libraries of that prefix that it needs, all stripped."""
    for name in _files(prefix, minor):
        _copy(prefix / name, destination / name)
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


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink() and (link := source.readlink()).parent == Path():
        target.symlink_to(link)
        return
    with source.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        content = file.read()
    # Most of what a copy of the whole file would write is debug information.
    target.write_bytes(stripped(content) if content.startswith(MAGIC) else content)
    if mode & 0o111:
        target.chmod(0o755)


def _complete_libraries(prefix: Path, destination: Path) -> None:
    """Copy the libraries that the copied binaries find in the old ``lib``, and the libraries that those need."""
    from layerwright.pythons._relocate import binaries
    from layerwright.pythons.elf import read_dynamic

    found = list(binaries(destination))
    while found:
        for name in read_dynamic(found.pop()).needed:
            source, target = prefix / "lib" / name, destination / "lib" / name
            if source.is_file() and not target.exists():
                _copy(source.resolve(), target)
                found.append(target)
