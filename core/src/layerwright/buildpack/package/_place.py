"""Writes a buildpack next to its output, and moves it there when it is complete."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.cnb.package.buildpackage import MODIFIED, SUFFIX
from layerwright.errors import SiteError, UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MARK", "check_output", "is_file_output", "normalise", "put", "working_directory"]

MARK: Final = "# Written by layerwright package."
"""A line of the scripts that identifies a directory as packaged by Layerwright."""


def is_file_output(output: Path) -> bool:
    """Return whether *output* will be a file, not a directory."""
    return output.suffix == SUFFIX


def check_output(output: Path) -> None:
    """Raise a ``UserError`` if *output* exists and was not packaged by Layerwright."""
    if is_file_output(output):
        strange = output.exists() and not output.is_file()
    else:
        strange = os.path.lexists(output) and not _is_ours(output)
    if strange:
        raise UserError(
            f"{output} already exists, and is not a buildpack that `layerwright package` made.",
            cause="Its contents would be lost.",
            remedy=f"Choose another place with --output: a new or empty directory, or a file ending with {SUFFIX}.",
            reference="output-not-ours",
        )


@contextmanager
def working_directory(output: Path) -> Iterator[Path]:
    """Create a temporary directory next to *output*, on the same file system.

    ``SiteError``: it cannot be created.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        work = tempfile.TemporaryDirectory(prefix=".layerwright-", dir=output.parent)
    except OSError as error:
        raise SiteError(
            f"{output} cannot be written.",
            cause=f"{error.strerror}: {error.filename}",
            remedy="Choose another place with --output.",
            reference="output-not-writable",
        ) from error
    with work as name:
        yield Path(name)


def normalise(directory: Path) -> None:
    """Set the modes and times that *directory* and its contents have in an image."""
    for folder, folders, files in os.walk(directory):
        for path in (Path(folder), *(Path(folder, name) for name in (*folders, *files))):
            if not path.is_symlink():
                executable = path.is_dir() or path.stat().st_mode & 0o111
                path.chmod(0o755 if executable else 0o644)
            os.utime(path, (MODIFIED, MODIFIED), follow_symlinks=False)


def put(made: Path, output: Path, work: Path) -> None:
    """Move the directory *made* to *output*, after moving an existing one into *work*."""
    old = work / "old"
    moved = output.exists()
    if moved:
        output.replace(old)
    try:
        made.replace(output)
    except BaseException:
        if moved:
            old.replace(output)
        raise


def _is_ours(output: Path) -> bool:
    if output.is_symlink() or not output.is_dir():
        return False
    if not any(output.iterdir()):
        return True
    try:
        return MARK in (output / "bin" / "detect").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
