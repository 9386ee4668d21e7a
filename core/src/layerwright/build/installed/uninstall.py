"""Uninstalls distributions from a virtual environment by their ``RECORD``, whichever package manager installed them.

https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.build.installed.dist_info import recorded_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["uninstall"]


def uninstall(venv: Path, site_packages: Path, names: Collection[str]) -> None:
    """Remove the files and bytecode of the distributions *names* (normalised, PEP 503) from *venv*.

    Directories that become empty are removed as well. Files outside *venv* stay, and distributions that are not
    installed are ignored.
    """
    # The real path of a directory decides: it may be a symbolic link to somewhere else.
    inside = f"{os.path.realpath(venv)}{os.sep}"
    recorded = (site_packages / name for name in recorded_files(site_packages, names))
    resolved = (os.path.join(os.path.realpath(path.parent), path.name) for path in recorded)  # noqa: PTH118
    files = {path for path in resolved if path.startswith(inside) and not _is_directory(path)}
    files |= {str(bytecode) for file in files if file.endswith(".py") for bytecode in _bytecode(Path(file))}
    for file in files:
        Path(file).unlink(missing_ok=True)
    for directory in sorted({parent for file in files for parent in _parents(file, inside)}, reverse=True):
        # Sorted so that deeper directories come first.
        if os.path.isdir(directory) and not os.listdir(directory):  # noqa: PTH112, PTH208  # plain strings
            Path(directory).rmdir()


def _is_directory(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114  # plain strings


def _bytecode(source: Path) -> Iterator[Path]:
    return source.parent.glob(f"__pycache__/{source.stem}.*.pyc")


def _parents(file: str, inside: str) -> Iterator[str]:
    parent = os.path.dirname(file)  # noqa: PTH120
    while parent.startswith(inside):
        yield parent
        parent = os.path.dirname(parent)  # noqa: PTH120
