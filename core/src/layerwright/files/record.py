"""The file of the build record in the application directory."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from layerwright.files.digests import RECORD_DIRECTORY

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["RECORD", "remove_record", "write_record"]

RECORD: Final = "build.json"
_IGNORE: Final = ".gitignore"


def write_record(application: Path, text: str) -> None:
    """Write *text* to ``.layerwright/build.json`` of *application*; do nothing where that is not possible.

    The directory is ignored by Git. The source may be on a read-only file system or belong to another user, which is
    no reason for a build to fail.
    """
    directory = os.fspath(application / RECORD_DIRECTORY)
    # Not Path: a build with nothing changed writes it too.
    with suppress(OSError):
        if not os.path.isdir(directory):  # noqa: PTH112
            os.mkdir(directory)  # noqa: PTH102
        if not os.path.islink(directory):  # noqa: PTH114
            if not os.path.lexists(f"{directory}/{_IGNORE}"):
                _write(directory, _IGNORE, "*\n")
            _write(directory, RECORD, text)


def remove_record(application: Path) -> None:
    """Remove the record of a build on a developer's machine, which is no part of *application*."""
    directory = application / RECORD_DIRECTORY
    with suppress(OSError):
        if not directory.is_symlink():
            for name in (RECORD, _IGNORE):
                (directory / name).unlink(missing_ok=True)
            directory.rmdir()


def _write(directory: str, name: str, text: str) -> None:
    # Without a sync: after a power cut the next build writes it again.
    temporary = f"{directory}/.{name}.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(temporary, flags, 0o644)
    with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor
        file.write(text.encode())
    os.replace(temporary, f"{directory}/{name}")  # noqa: PTH105
