"""States of a layers directory: kept, put back, told apart."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from layerwright.build.lock import PRIVATE
from layerwright.files.removal import remove_tree
from layerwright.local._seals import Seals
from layerwright.local.manifests import Manifests
from layerwright.testing.tree import Entry, tree

if TYPE_CHECKING:
    from pathlib import Path


def copy(source: Path, destination: Path) -> None:
    """Make *destination* what *source* is, hard links and times included."""
    if destination.exists():
        remove_tree(destination)
    if source.exists():
        _copy_folder(source, destination, {})


def _copy_folder(source: Path, destination: Path, links: dict[int, Path]) -> None:
    destination.mkdir()
    for entry in os.scandir(source):
        target, inode = destination / entry.name, entry.inode()
        if entry.is_dir(follow_symlinks=False):
            _copy_folder(source / entry.name, target, links)
        elif inode in links:
            os.link(links[inode], target, follow_symlinks=False)
        else:
            shutil.copy2(entry.path, target, follow_symlinks=False)
            links[inode] = target
    shutil.copystat(source, destination)


def layers_of(path: Path) -> dict[str, Entry]:
    """Return what a launch and an image see: every layer but the download caches."""
    return {
        name: entry
        for name, entry in tree(path).items()
        if not name.startswith((PRIVATE, "cache-")) and not name.endswith(".toml.tmp")
    }


def identity(path: Path) -> str:
    """Return what tells one state from another: all but times, inodes, and what is in the trash."""
    found = tree(path)
    marks = []
    for name, entry in found.items():
        first, _, rest = name.removeprefix(f"{PRIVATE}/").partition("/")
        if first in ("seals", "manifests") and entry.kind == "file":
            marks.append(f"{name} {_validity(path, first, rest)}")
        elif first == "trash":
            # It is only ever deleted: whatever is in it, what follows is the same.
            marks.append("trash")
        else:
            marks.append(f"{name} {entry}")
    return "\n".join(sorted(set(marks)))


def _validity(path: Path, kind: str, name: str) -> object:
    if kind == "seals":
        seals = Seals(path / PRIVATE / kind)
        return (seals.is_sealed(name), seals.altered(path / name) if (path / name).is_dir() else ())
    return Manifests(path / PRIVATE / kind).verify(path / name)[1:]
