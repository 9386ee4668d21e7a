"""Checks that only the user or root can have written a file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["is_trusted"]


def is_trusted(file: Path) -> bool:
    """Return whether only this user or root can have created, replaced or modified *file*.

    It is a regular file, and it and every directory on the way to it belong to one of the two. Others cannot write to
    them, except to a directory with the sticky bit, such as ``/tmp``, where they cannot replace files of others.
    ``False`` if there is no such file.
    """
    try:
        on_the_way = {*file.parents, *Path(os.path.realpath(file)).parents}
        return stat.S_ISREG(file.lstat().st_mode) and all(_is_ours(place) for place in (file, *on_the_way))
    except OSError:
        return False


def _is_ours(place: Path) -> bool:
    found = place.lstat()
    if found.st_uid not in (0, os.geteuid()):
        return False
    # The mode of a link has no meaning.
    if stat.S_ISLNK(found.st_mode) or (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
        return True
    # Many systems give each user a group of their own, which can write.
    others = stat.S_IWOTH if found.st_gid in (0, os.getegid()) else stat.S_IWOTH | stat.S_IWGRP
    return not found.st_mode & others
