"""The directory of the store, which no other user can write to."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["why_not_usable"]

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def why_not_usable(path: Path) -> str:
    """Return why a build cannot use the directory *path*, as text; nothing if it can, or if *path* does not exist.

    Its programs run in the builds of this user, so no other user may be able to write there.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path}: {error.strerror}"
    if not stat.S_ISDIR(status.st_mode):
        return f"{path} is not a directory"
    if status.st_uid != os.geteuid():
        return f"{path} belongs to another user"
    if status.st_mode & _OTHERS_WRITE:
        return f"other users can write to {path}"
    return ""
