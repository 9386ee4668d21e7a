"""What an entry of the cache is, and what each kind of entries can do.

A kind finds its entries and knows whether a build uses one of them. Listing and pruning know nothing else about it, so
another kind needs no change there.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["Entry", "Found", "Kind", "Sizes"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something in the cache that can be created again.

    ``paths`` are the files and directories to remove. ``size`` is in bytes, ``used`` is the last use in seconds since
    the epoch, ``parts`` the sizes of its parts by name. ``gone``: what it belongs to does not exist any more.
    """

    name: str
    paths: Sequence[Path]
    size: int
    used: float
    parts: Mapping[str, int] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, kw_only=True)
class Found:
    """The entries of a kind, and the paths in its place that it does not know, which nothing removes."""

    entries: Sequence[Entry] = ()
    unknown: Sequence[Path] = ()


class Kind(Protocol):
    """A kind of entries.

    ``name`` identifies it in JSON, ``title`` is its heading, and ``place`` is its entry in the cache directory. A prune
    removes entries that are gone, and those that ``ages``, if they were not used for a while.
    """

    name: str
    title: str
    place: str
    ages: bool

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return what is in *cache*."""
        ...

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield whether nothing uses *entry*; if so, nothing begins to meanwhile."""
        ...


class Sizes:
    """Measures trees; a file with several names counts once, where it is seen first."""

    def __init__(self) -> None:
        self._seen: set[tuple[int, int]] = set()

    def of(self, path: Path) -> int:
        """Return the bytes in the file or the tree at *path*, as far as it can be read."""
        try:
            status = path.lstat()
        except OSError:
            return 0
        if not stat.S_ISDIR(status.st_mode):
            return self._counted(status)
        total = 0
        pending = [os.fspath(path)]
        while pending:
            # Builds may remove what is measured.
            with contextlib.suppress(OSError), os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    else:
                        total += self._counted(entry.stat(follow_symlinks=False))
        return total

    def _counted(self, status: os.stat_result) -> int:
        if status.st_nlink > 1:
            file = (status.st_dev, status.st_ino)
            if file in self._seen:
                return 0
            self._seen.add(file)
        return status.st_size
