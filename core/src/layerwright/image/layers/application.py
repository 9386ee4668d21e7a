"""The files of the application as layers of an image: the vendored ones, which change less, and the others."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.digests import RECORD_DIRECTORY
from layerwright.files.trees.placed import Rewritten
from layerwright.image.layers.tar import DIRECTORY, Member
from layerwright.image.layers.trees import DIRECTORY_MODE, Owner, file_members, parents

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["EXCLUDED", "ApplicationFiles", "application_layers"]

EXCLUDED: Final = (
    RECORD_DIRECTORY,
    ".bzr",
    ".env",
    ".git",
    ".hg",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
)
"""Names of files and directories that are left out of every image: caches, repositories, and a file of secrets."""
_ENVIRONMENT: Final = "pyvenv.cfg"
_VENDORED: Final = frozenset({"_vendor", "node_modules", "third_party", "vendor", "vendored"})
# A file that is written to twice within this time may look the same both times.
_GRAIN: Final = 2_000_000_000


class _Found(NamedTuple):
    name: str
    status: os.stat_result


@dataclass(frozen=True, kw_only=True)
class ApplicationFiles:
    """Some files of the application in *tree*, relative to it, which are at the path *at* in an image."""

    tree: Path
    at: str
    owner: Owner
    words: str
    found: Sequence[_Found] = field(repr=False)

    @property
    def identity(self) -> str:
        """Equal while no file was written to; empty if one was written to just now."""
        total, newest = hashlib.sha256(), 0
        for name, status in self.found:
            newest = max(newest, status.st_ctime_ns, status.st_mtime_ns)
            state = (status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            total.update(os.fsencode(f"{name}\0{state}\0"))
        if newest > time.time_ns() - _GRAIN:
            return ""
        return f"{self.tree}\0{self.at}\0{self.owner}\0{total.hexdigest()}"

    def members(self) -> Iterator[tuple[Member, bytes | Path]]:
        """Yield the files in the order of their paths, with modes that depend on nothing but "executable"."""
        yield from parents(self.at, self.owner)
        for name, status in self.found:
            path = self.tree / name
            place = os.fsencode(f"{self.at}/{name}" if name else self.at)
            if stat.S_ISDIR(status.st_mode):
                yield Member(place, DIRECTORY, DIRECTORY_MODE, *self.owner), b""
                continue
            mode = 0o755 if status.st_mode & 0o111 else 0o644
            links = {name: self._target(path)} if stat.S_ISLNK(status.st_mode) else {}
            yield from file_members(path, status, name, place, mode, self.owner, Rewritten({}, links))

    def _target(self, path: Path) -> bytes:
        """Return the target of the link *path*: an absolute one in the tree leads to the same file in the image."""
        target = os.fspath(path.readlink())
        below = f"{self.tree}/"
        return os.fsencode(f"{self.at}/{target.removeprefix(below)}" if target.startswith(below) else target)


def application_layers(
    tree: Path, at: str, owner: Owner, *, exclude: Sequence[str] = (), without: Collection[Path] = ()
) -> list[ApplicationFiles]:
    """Return the layers of the application in *tree*.

    Names in *exclude*, and paths relative to *tree*, are left out, with patterns as in a shell; so are the paths in
    *without*, ``EXCLUDED`` and virtual environments.
    """
    found = list(_walk(tree, "", (*EXCLUDED, *exclude), {os.fspath(path) for path in without}))
    vendored = [one for one in found if _is_vendored(one)]
    source = [one for one in found if not _is_vendored(one)]
    layers = [("Application: vendored files", _with_folders(vendored, found))] if vendored else []
    layers.append(("Application", source))
    return [
        ApplicationFiles(tree=tree, at=at, owner=owner, words=words, found=files) for words, files in layers
    ]


def _walk(tree: Path, name: str, exclude: Sequence[str], without: Collection[str]) -> Iterator[_Found]:
    """Yield the directory *name* of *tree*, and everything below it, in the order of the whole paths."""
    found, pending = [_Found(name, (tree / name).stat())], [name]
    while pending:
        folder = pending.pop()
        with os.scandir(tree / folder) as entries:
            inside = list(entries)
        if folder and any(entry.name == _ENVIRONMENT for entry in inside):
            found = [one for one in found if one.name != folder]
            continue
        for entry in inside:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            if entry.path in without or _is_excluded(entry.name, relative, exclude):
                continue
            status = entry.stat(follow_symlinks=False)
            found.append(_Found(relative, status))
            if stat.S_ISDIR(status.st_mode):
                pending.append(relative)
    return iter(sorted(found, key=lambda one: os.fsencode(one.name)))


def _is_excluded(name: str, relative: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(relative if "/" in pattern else name, pattern.strip("/")) for pattern in patterns)


def _is_vendored(one: _Found) -> bool:
    folders = one.name.split("/")
    return not _VENDORED.isdisjoint(folders if stat.S_ISDIR(one.status.st_mode) else folders[:-1])


def _with_folders(some: Sequence[_Found], found: Sequence[_Found]) -> list[_Found]:
    """Return *some* of what was *found*, with the directories above them."""
    names = {one.name for one in some}
    above = {"", *(str(parent) for name in names for parent in Path(name).parents[:-1])}
    return [one for one in found if one.name in names or one.name in above]
