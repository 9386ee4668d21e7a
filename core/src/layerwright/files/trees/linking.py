"""Second names of whole trees: their files exist once, as long as nothing writes into them.

Unchanged files need no work: they are the same file in both trees, which their inode shows without reading them.
Unchanged directories are not even compared: their times show it.
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH102, PTH116

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.files.removal import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["hard_link", "is_left_alone", "link_or_copy", "link_tree"]


def link_tree(
    source: str,
    destination: str,
    *,
    link: Callable[[str, str], object] | None = None,
    is_copy: bool = False,
) -> None:
    """Make the tree at *destination* equal to *source*: directories with their times, files as hard links.

    Entries that are the same file stay. *link* creates the second name of a file; the default copies files that
    cannot be linked. *is_copy*: an earlier call has made *destination* equal to *source*, and nothing else has changed
    it, so that directories of *source* that were not changed since are not compared.
    """
    # Renaming a directory changes its time, so the uppermost one is always compared.
    _link_folder(source, destination, link or link_or_copy, is_copy=is_copy, is_known=False)


def is_left_alone(folder: os.stat_result, copy: os.stat_result) -> bool:
    """Return whether *folder* still has the entries of its *copy*, which :func:`link_tree` has made.

    A program can set the time of the last modification, but not that of the last change, and a clock that is set back
    changes both. Within one tick of the clock, either may have been first.
    """
    return (
        folder.st_ctime_ns < copy.st_ctime_ns
        and folder.st_mtime_ns == copy.st_mtime_ns
        and folder.st_mode == copy.st_mode
    )


def _link_folder(
    source: str, destination: str, link: Callable[[str, str], object], *, is_copy: bool, is_known: bool
) -> None:
    """Make *destination* equal to *source*; *is_known*: it is a copy of it, which has not been renamed since."""
    if is_known and is_left_alone(os.stat(source), os.stat(destination)):
        with os.scandir(source) as entries:
            folders = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        for name in folders:
            _link_folder(f"{source}/{name}", f"{destination}/{name}", link, is_copy=True, is_known=True)
        return
    try:
        there = _entries(destination)
    except FileNotFoundError:
        os.mkdir(destination)
        there = {}
    wanted = _entries(source)
    for name, entry in list(there.items()):
        if name not in wanted or not _is_same(entry, wanted[name]):
            remove_tree(Path(entry.path))
            del there[name]
    for name, entry in wanted.items():
        target = f"{destination}/{name}"
        if entry.is_dir(follow_symlinks=False):
            _link_folder(entry.path, target, link, is_copy=is_copy, is_known=is_copy and name in there)
        elif name not in there:
            link(entry.path, target)
    _copy_status(source, destination)


def link_or_copy(source: str, destination: str) -> bool:
    """Link or copy the file or symbolic link *source* to *destination*; return whether it is linked."""
    try:
        hard_link(source, destination)
    except OSError:
        # The file system has no hard links, or the file has the maximum of them.
        import shutil

        shutil.copy2(source, destination, follow_symlinks=False)
        return False
    return True


def hard_link(source: str, destination: str) -> None:
    """Create *destination* as another name of the file or symbolic link *source*; ``OSError``: this is not possible."""
    os.link(source, destination, follow_symlinks=False)


def _copy_status(source: str, destination: str) -> None:
    wanted, there = os.stat(source), os.stat(destination)
    if (wanted.st_mode, wanted.st_mtime_ns) != (there.st_mode, there.st_mtime_ns):
        import shutil

        shutil.copystat(source, destination)


def _entries(directory: str) -> dict[str, os.DirEntry[str]]:
    with os.scandir(directory) as entries:
        return {entry.name: entry for entry in entries}


def _is_same(one: os.DirEntry[str], other: os.DirEntry[str]) -> bool:
    folders = one.is_dir(follow_symlinks=False), other.is_dir(follow_symlinks=False)
    return all(folders) or (not any(folders) and one.inode() == other.inode())
