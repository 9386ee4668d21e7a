"""The sources in a virtual environment whose bytecode may not be valid, and bytecode that has no source."""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH106, PTH108, PTH113, PTH116

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.installed.sources import CACHE
from layerwright.files.trees.linking import is_left_alone

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

    Entries = Mapping[str, os.stat_result]

__all__ = ["Bytecode", "Compiled", "look_for_bytecode", "remove_stray"]

_SOURCE: Final = ".py"
_BYTECODE: Final = ".pyc"
# A process that was killed leaves it.
_TEMPORARY: Final = ".tmp"


class Compiled(NamedTuple):
    """A copy of a tree, by hard links, in which all bytecode was valid at the time ``since``, in nanoseconds."""

    copy: Path
    since: int


class Bytecode(NamedTuple):
    """The sources whose bytecode may be ``stale``, and ``stray`` files in directories of bytecode.

    Both are relative to the root of the tree. Stray are temporary files, and bytecode whose source is gone.
    """

    stale: tuple[str, ...] = ()
    stray: tuple[str, ...] = ()


def look_for_bytecode(tree: Tree, roots: Iterable[str], suffix: str, before: Compiled | None) -> Bytecode:
    """Return what there is to do for the bytecode below the directories *roots* of *tree*.

    *suffix* is that of bytecode, such as ``.cpython-313.pyc``. A source is not stale if *before* has the same file
    under the same name with the same bytecode, and it was not written to since then.
    """
    stale: list[str] = []
    stray: list[str] = []
    within = tuple(f"{root}/" for root in roots)
    for folder, entries in tree.folders.items():
        if not folder.startswith(within) or f"/{CACHE}/" in f"/{folder}":
            continue
        cache = f"{folder}{CACHE}/"
        sources = _sources(tree, folder, entries)
        bytecode = tree.folders.get(cache, {})
        for name in bytecode:
            if not (name.endswith(suffix) and name.removesuffix(suffix) + _SOURCE in sources):
                stray += [cache + name] if _is_stray(name, sources) else []
        known = _shared(tree, folder, sources, before) if sources else sources
        compiled = _shared(tree, cache, bytecode, before) if known and bytecode else ()
        for name, status in sources.items():
            if (
                name not in known
                or name.removesuffix(_SOURCE) + suffix not in compiled
                or before is None
                # A file may have been written into, and the target of a symbolic link may be another one.
                or status.st_mtime_ns > before.since
                or not stat.S_ISREG(status.st_mode)
            ):
                stale.append(folder + name)
    return Bytecode(tuple(stale), tuple(stray))


def remove_stray(tree: Tree, bytecode: Bytecode) -> None:
    """Remove the stray files of *bytecode*, with directories of *tree* that had nothing else."""
    gone: dict[str, int] = {}
    for name in bytecode.stray:
        os.unlink(f"{tree.root}/{name}")
        folder = name.rpartition("/")[0]
        gone[folder] = gone.get(folder, 0) + 1
    for folder, count in gone.items():
        if count == len(tree.folders[f"{folder}/"]):
            os.rmdir(f"{tree.root}/{folder}")


def _sources(tree: Tree, folder: str, entries: Entries) -> Entries:
    found = {name: status for name, status in entries.items() if name.endswith(_SOURCE)}
    return {
        name: status
        for name, status in found.items()
        if stat.S_ISREG(status.st_mode)
        or (stat.S_ISLNK(status.st_mode) and os.path.isfile(f"{tree.root}/{folder}{name}"))
    }


def _is_stray(name: str, sources: Collection[str]) -> bool:
    words = name.split(".")
    has_source = any(".".join(words[:end]) + _SOURCE in sources for end in range(1, len(words)))
    return name.endswith(_TEMPORARY) or (name.endswith(_BYTECODE) and not has_source)


def _shared(tree: Tree, folder: str, entries: Entries, before: Compiled | None) -> Collection[str]:
    """Return which *entries* of *folder* are the same files in the copy: two hard links to each."""
    if before is None:
        return ()
    try:
        if is_left_alone(_status(tree, folder), os.stat(f"{before.copy}/{folder}")):
            return entries
        with os.scandir(f"{before.copy}/{folder}") as found:
            there = {entry.name: entry.inode() for entry in found}
    except FileNotFoundError:
        return ()
    return {name for name, status in entries.items() if status.st_ino == there.get(name)}


def _status(tree: Tree, folder: str) -> os.stat_result:
    outer, _, name = folder.removesuffix("/").rpartition("/")
    return tree.folders[f"{outer}/" if outer else ""][name]
