"""What commands share for all applications: archives of interpreters, facts about those of this machine, databases."""

from __future__ import annotations

import re
import stat
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.local.cache.entries import Entry, Found
from layerwright.local.places import AUDIT
from layerwright.pythons.standalone.in_use import LOCK, unused

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.local.cache.entries import Sizes

__all__ = ["Databases", "Downloads", "Interpreters", "LeftOver"]

# An archive, what is there of one, and the lock of its download.
_FILE: Final = re.compile(r"(?P<archive>cpython-.+?\.tar\.[a-z]+)(\.[0-9a-f]{16}\.part|\.lock)?")
# A copy of a dump, what is known of it, an index, or what an interrupted command left of one.
_DATABASE: Final = re.compile(r"\.?(?P<key>[0-9a-f]{12})[-.].+")


class Downloads:
    """An entry for each archive of an interpreter, complete or not."""

    name = "download"
    title = "Downloads"
    place = "downloads"
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the archives; other files are unknown."""
        files: dict[str, list[Path]] = {}
        unknown = []
        for path in sorted((cache / self.place).glob("*")):
            match = _FILE.fullmatch(path.name)
            if match is not None and stat.S_ISREG(path.lstat().st_mode):
                files.setdefault(match["archive"], []).append(path)
            elif path.name != LOCK:
                unknown.append(path)
        return Found(entries=[_entry(name, paths, sizes) for name, paths in files.items()], unknown=unknown)

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield whether no build downloads or unpacks an archive."""
        del entry
        return unused(cache / self.place)


class Interpreters:
    """One entry: what was found out about the interpreters of this machine."""

    name = "interpreters"
    title = "Facts about the interpreters of this machine"
    place = "interpreters.json"
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the file."""
        path = cache / self.place
        return Found(entries=[_entry(path.name, [path], sizes)] if path.is_file() else [])

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield true: a build reads the file at once, and does without it."""
        del cache, entry
        return nullcontext(True)


class Databases:
    """An entry for each vulnerability database: its index, and the copy of one that was downloaded."""

    name = "vulnerability-database"
    title = "Vulnerability databases"
    place = AUDIT
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the databases; other files are unknown."""
        files: dict[str, list[Path]] = {}
        unknown = []
        for path in sorted((cache / self.place).glob("*")):
            match = _DATABASE.fullmatch(path.name)
            if match is not None and stat.S_ISREG(path.lstat().st_mode):
                files.setdefault(match["key"], []).append(path)
            else:
                unknown.append(path)
        return Found(entries=[_entry(key, paths, sizes) for key, paths in files.items()], unknown=unknown)

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield true: an audit makes the index again, and downloads what is gone."""
        del cache, entry
        return nullcontext(True)


class LeftOver:
    """What an interrupted prune has moved away, and not deleted yet."""

    name = "left-over"
    title = "Left over from an interrupted prune"
    place = "trash"
    ages = False

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return what is there."""
        paths = sorted((cache / self.place).glob("*"))
        return Found(entries=[replace(_entry(path.name, [path], sizes), gone=True) for path in paths])

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield true."""
        del cache, entry
        return nullcontext(True)


def _entry(name: str, paths: list[Path], sizes: Sizes) -> Entry:
    return Entry(
        name=name,
        paths=paths,
        size=sum(map(sizes.of, paths)),
        used=max(path.lstat().st_mtime for path in paths),
    )
