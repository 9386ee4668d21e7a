"""Digests of files and directories, read in chunks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.files import bounded

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Collection, Iterator

__all__ = ["BUILD_DIRECTORY", "LEFTOVERS", "RECORD_DIRECTORY", "entries", "of_directory", "of_file"]

BUILD_DIRECTORY: Final = ".layerwright-build"
"""The directory in which builds of a local directory keep their temporary files; a killed build leaves it there."""

RECORD_DIRECTORY: Final = ".layerwright"
"""The directory of an application in which a build leaves its record."""

LEFTOVERS: Final = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "__pycache__",
        ".venv",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        BUILD_DIRECTORY,
        RECORD_DIRECTORY,
    }
)
"""Entries that tools leave in a source directory and that do not change what a build of it installs."""


def of_file(path: Path) -> hashlib._Hash:
    """Return the SHA-256 of the regular file at *path*; an ``OSError`` for another kind of file."""
    import hashlib

    with bounded.opened(path) as file:
        return hashlib.file_digest(file, "sha256")


def of_directory(path: Path, without: Collection[str] = ()) -> hashlib._Hash:
    """Return a SHA-256 of everything below *path*, except the files *without*, which are relative to it.

    It covers names, contents, executable bits and link targets. ``OSError``: an entry cannot be listed or read.
    """
    import hashlib

    total = hashlib.sha256()
    for relative, kind, content in entries(path):
        if relative not in without:
            total.update(b"%s\0%s\0%d\0" % (os.fsencode(relative), kind, len(content)))
            total.update(content)
    return total


def entries(directory: Path) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield the name and the kind of each entry below *directory*, with its digest or link target, in a stable order.

    ``OSError``: an entry cannot be listed or read.
    """
    for parent, directories, files in os.walk(directory, onerror=_raise):
        directories[:] = sorted(d for d in directories if d not in LEFTOVERS and not d.endswith(".egg-info"))
        for name in sorted(files + [d for d in directories if Path(parent, d).is_symlink()]):
            path = Path(parent, name)
            relative = str(path.relative_to(directory))
            if path.is_symlink():
                yield relative, b"link", os.fsencode(path.readlink())
            elif path.is_file():
                yield relative, b"run" if os.access(path, os.X_OK) else b"file", of_file(path).digest()


def _raise(error: OSError) -> None:
    # By default os.walk skips directories that it cannot list, and a change in them would go unnoticed.
    raise error
