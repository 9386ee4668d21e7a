"""Lends a download cache that all builds of a user share, to one build at a time.

The package manager links files of this cache into virtual environments, so a file that was edited in one would come
back in the next. Each directory of such files is sealed after the build that created it, as a stored layer is.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import DIST_INFO, label_of
from layerwright.build.installed.secretless import holds_secret
from layerwright.build.store._place import why_not_usable
from layerwright.files.atomic import sync_directory, sync_file_system, write_atomically
from layerwright.files.checksummed import checksummed, read_checksummed
from layerwright.files.removal import remove_tree
from layerwright.files.trees.seal import altered_since, seal_of
from layerwright.output.words import some_words

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from layerwright.contract.values.environment import SharedCache

__all__ = ["CACHE", "COMPLETE", "DAYS", "DOWNLOADS", "LOCK", "SharedDownloads", "unused"]

DOWNLOADS: Final = "downloads"
"""The directory, in a store, of download caches."""
CACHE: Final = "cache"
COMPLETE: Final = "complete"
"""The file that exists while no build uses a cache, and after the last one that did has ended well."""
LOCK: Final = "lock"
DAYS: Final = 30
"""How long a directory of files stays that no environment has linked or removed, in days."""
_SEALS: Final = "seals"
_SLASH: Final = ","
_DAY: Final = 24 * 60 * 60


class SharedDownloads:
    """The cache *kept* in the directory *store*, for builds into the layers directory *root*.

    It never makes a build fail: whatever is wrong with it, the build downloads what it needs. With *afresh* it is
    emptied first. *tell* gets a sentence about distributions whose files were changed since they were downloaded.
    """

    def __init__(
        self,
        store: Path,
        kept: SharedCache,
        root: Path,
        *,
        afresh: bool = False,
        tell: Callable[[str], None] = lambda _words: None,
    ) -> None:
        self._store: Final = store
        self._root: Final = root
        self._kept: Final = kept
        self._afresh: Final = afresh
        self._tell = tell
        self._place: Final = store / DOWNLOADS / kept.name
        self._cache: Final = self._place / CACHE
        self._seals: Final = self._place / _SEALS
        self._complete: Final = self._place / COMPLETE
        self._lock: int | None = None
        self._since = 0.0

    def lend(self) -> Path | None:
        """Return the directory of the cache; ``None`` if the build cannot use it, or another build does."""
        try:
            if why_not_usable(self._store) or not self._acquire():
                return None
            self._prepare()
        except OSError:
            self._release()
            return None
        return self._cache

    def explains(self, output: str) -> bool:
        """Return whether a command that failed with *output* may succeed without what is in the cache; say so."""
        if re.search(self._kept.outdated, output) is None:
            return False
        self._tell(
            "Earlier downloads are not those that the lock file names, so everything is downloaded again."
        )
        return True

    def give_back(self, *, intact: bool) -> None:
        """Prepare the cache for the next build; unless it is *intact*, that one will empty it."""
        if self._lock is None:
            return
        try:
            if intact:
                self._settle()
        except OSError:
            # It stays incomplete.
            pass
        finally:
            self._release()

    def _acquire(self) -> bool:
        """Lock the cache, if it is on the file system of the layers; return whether this build has it now."""
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Copies would take longer than another download.
        if self._place.stat().st_dev != self._root.stat().st_dev:
            return False
        lock = self._place / LOCK
        self._lock = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(self._lock), lock.lstat()):
            # Removed meanwhile.
            self._release()
        return self._lock is not None

    def _prepare(self) -> None:
        if self._afresh or not self._complete.exists():
            self._empty()
        self._complete.unlink(missing_ok=True)
        sync_directory(self._place)
        self._cache.mkdir(exist_ok=True)
        altered = [entry for entry in self._entries() if self._is_altered(entry)]
        labels = sorted(filter(None, map(_label, altered)))
        for entry in altered:
            remove_tree(entry)
        if labels:
            self._tell(
                f"Files were changed since they were downloaded, so they are downloaded again: "
                f"{some_words(labels)}"
            )
        # The times of files are slightly behind the clock.
        self._since = time.time() - 1

    def _settle(self) -> None:
        if holds_secret(self._cache, since=self._since):
            self._empty()
            self._cache.mkdir()
        pages = [path for pattern in self._kept.links for path in self._cache.glob(pattern)]
        linked = {path.readlink().name for page in pages for path in _links(page)}
        entries = [entry for entry in self._entries() if entry.name in linked and not _is_old(entry)]
        _sweep(self._cache, {*pages, *entries})
        self._seals.mkdir(exist_ok=True)
        seals = {self._seal(entry): entry for entry in entries}
        for seal in self._seals.iterdir():
            if seal not in seals:
                seal.unlink()
        for seal, entry in seals.items():
            if not seal.exists():
                # Hundreds are written at once: the checksum shows which are lost.
                seal.write_bytes(checksummed(seal_of(entry)))
        sync_file_system(self._place)
        write_atomically(self._complete, b"")

    def _entries(self) -> list[Path]:
        return sorted(self._cache.glob(self._kept.entries))

    def _seal(self, entry: Path) -> Path:
        return self._seals / os.fspath(entry.relative_to(self._cache)).replace("/", _SLASH)

    def _is_altered(self, entry: Path) -> bool:
        seal = read_checksummed(self._seal(entry))
        return seal is None or entry.is_symlink() or bool(altered_since(entry, seal))

    def _empty(self) -> None:
        for path in (self._cache, self._seals):
            if os.path.lexists(path):
                remove_tree(path)

    def _release(self) -> None:
        descriptor, self._lock = self._lock, None
        if descriptor is not None:
            # Closing alone would leave the lock with a process that inherited the descriptor.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


@contextlib.contextmanager
def unused(place: Path) -> Iterator[bool]:
    """Yield whether no build uses the cache in the directory *place*; if so, none begins to meanwhile."""
    try:
        descriptor = os.open(place / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        free = False
    else:
        free = True
    try:
        yield free
    finally:
        os.close(descriptor)


def _label(entry: Path) -> str:
    """Return the distribution in *entry* as text; empty if none is there."""
    return next((label_of(path) for path in entry.glob(f"*{DIST_INFO}")), "")


def _is_old(entry: Path) -> bool:
    """Return whether no environment has linked the files of *entry*, or removed its links, for a while."""
    used = entry.lstat().st_ctime
    with os.scandir(entry) as found:
        for folder in found:
            if folder.name.endswith(DIST_INFO):
                with contextlib.suppress(OSError):
                    # Each link to a file changes its time.
                    used = max(used, os.lstat(f"{folder.path}/METADATA").st_ctime)
    return used < time.time() - DAYS * _DAY


def _links(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = folder.joinpath(parent, name)
            if path.is_symlink():
                yield path


def _sweep(folder: Path, kept: Collection[Path]) -> None:
    """Remove everything below *folder* that is neither among *kept* nor above or below one of them."""
    above = {parent for path in kept for parent in path.parents}
    pending = [folder]
    while pending:
        for path in list(pending.pop().iterdir()):
            if path in above:
                pending.append(path)
            elif path not in kept:
                with contextlib.suppress(FileNotFoundError):
                    remove_tree(path)
