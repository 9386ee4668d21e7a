"""Temporary files of a build: the report of a resolution, files with credentials, and those of its commands.

They contain URLs with credentials: pip clones a repository into a temporary directory. So only their owner can read
them, and they are in one place, where the next build removes those of a killed one.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["passing_files", "passing_place", "remove_passing_files", "write_passing_file"]

_VARIABLE: Final = "TMPDIR"


@contextmanager
def passing_files(report: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield *environment* for commands, with a directory for temporary files beside *report*; remove both afterwards.

    If the user has set a directory for temporary files, it is used instead.
    """
    remove_passing_files(report)
    temporary = passing_place(report)
    temporary.mkdir(mode=0o700)
    try:
        yield {_VARIABLE: str(temporary), **environment}
    finally:
        remove_passing_files(report)


def remove_passing_files(report: Path) -> None:
    """Remove *report* and the temporary files beside it, if they exist."""
    report.unlink(missing_ok=True)
    temporary = passing_place(report)
    if os.path.lexists(temporary):
        remove_tree(temporary)


def passing_place(report: Path) -> Path:
    """Return the directory beside *report* for temporary files of a build, which exists only during the build."""
    return report.with_name("temporary")


def write_passing_file(path: Path, text: str) -> None:
    """Write *text* to *path*, a temporary file of a build that only its owner can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123  # a descriptor
        file.write(text)
