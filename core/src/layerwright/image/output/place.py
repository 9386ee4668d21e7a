"""Checks that something can be written to a path, before it takes long to create."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["IMAGE", "check_writable", "output_error"]

IMAGE: Final = "The image"


def check_writable(output: Path, directory: Path, *, what: str = IMAGE) -> None:
    """Raise ``UserError`` if *directory* cannot be created, or nothing can be created in it.

    The error says that *what* cannot be written to *output*.
    """
    existing = next(path for path in (directory, *directory.parents) if os.path.lexists(path))
    remedy = "Name a directory in which this user may write."
    if not existing.is_dir():
        raise output_error(output, f"{existing} is not a directory.", remedy, what=what)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise output_error(output, f"This user may not write into {existing}.", remedy, what=what)


def output_error(output: Path | str, cause: str, remedy: str, *, what: str = IMAGE) -> UserError:
    """Return the error if an image, or *what* else, cannot be written to *output*."""
    return UserError(
        f"{what} cannot be written to {output}.", cause=cause, remedy=remedy, reference="image-output"
    )
