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
from layerwright.files.trees.tree import is_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.files.trees.tree import Tree

    Link = Callable[[str, str], object]
    # Whether an entry is a directory, and its inode.
    Kind = tuple[bool, int]

__all__ = ["follow_tree", "hard_link", "is_left_alone", "link_or_copy", "link_tree"]


def link_tree(source: str, destination: str, *, link: Link | None = None) -> None:
    """Make the tree at *destination* equal to *source*: directories with their times, files as hard links.

    Entries that are the same file stay. *link* creates the second name of a file; the default copies files that
    cannot be linked.
    """
    wanted = _kinds(source)
    _link_files(source, destination, wanted, link or link_or_copy)
    for name, (is_directory, _) in wanted.items():
        if is_directory:
            link_tree(f"{source}/{name}", f"{destination}/{name}", link=link)
    _copy_status(source, os.stat(source), destination)


def follow_tree(tree: Tree, copy: str, *, link: Link) -> None:
    """Do the same with *copy*, which an earlier call has made equal to what is at the root of *tree*.

    Nothing else has changed the copy, so directories of *tree* that were not changed since are not compared.
    """
    # Renaming a directory changes its time, so the uppermost one is always compared.
    _follow(tree, "", tree.status, copy, link, is_known=False)


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


def _follow(
    tree: Tree, folder: str, status: os.stat_result, copy: str, link: Link, *, is_known: bool
) -> None:
    """Make the *folder* of *tree*, with this *status*, and its copy equal; *is_known*: the copy was not renamed."""
    entries = tree.folders[folder]
    there, is_new = f"{copy}/{folder}", frozenset[str]()
    is_same = is_known and is_left_alone(status, os.stat(there))
    if not is_same:
        wanted = {name: (is_folder(one), one.st_ino) for name, one in entries.items()}
        is_new = _link_files(f"{tree.root}/{folder}", there, wanted, link)
    for name, one in entries.items():
        if is_folder(one):
            _follow(tree, f"{folder}{name}/", one, copy, link, is_known=name not in is_new)
    if not is_same:
        # What has changed it since the walk will be followed the next time.
        _copy_status(f"{tree.root}/{folder}", status, there)


def _link_files(source: str, destination: str, wanted: Mapping[str, Kind], link: Link) -> frozenset[str]:
    """Give the directory *destination* the files *wanted*, from *source*; return the names that were not there.

    Anything else is removed, except directories of the same names.
    """
    try:
        there = _kinds(destination)
    except FileNotFoundError:
        os.mkdir(destination)
        there = {}
    for name, kind in list(there.items()):
        if name not in wanted or not _is_same(kind, wanted[name]):
            remove_tree(Path(f"{destination}/{name}"))
            del there[name]
    new = frozenset(wanted.keys() - there.keys())
    for name, (is_directory, _) in wanted.items():
        if name in new and not is_directory:
            link(f"{source}/{name}", f"{destination}/{name}")
    return new


def _kinds(directory: str) -> dict[str, Kind]:
    with os.scandir(directory) as entries:
        return {entry.name: (entry.is_dir(follow_symlinks=False), entry.inode()) for entry in entries}


def _is_same(one: Kind, other: Kind) -> bool:
    return one == other or (one[0] and other[0])


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


def _copy_status(source: str, wanted: os.stat_result, destination: str) -> None:
    """Give *destination* the permissions of *source*, and the times that it *wanted*."""
    there = os.stat(destination)
    if (wanted.st_mode, wanted.st_mtime_ns) != (there.st_mode, there.st_mtime_ns):
        import shutil

        shutil.copystat(source, destination)
        os.utime(destination, ns=(wanted.st_atime_ns, wanted.st_mtime_ns))
