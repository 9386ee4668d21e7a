"""Find the lock file of uv, and read it with regular expressions.

Parsing a large one takes as long as an unchanged build.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import field
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import VersionSource, application_script, frozen, locked_archives
from layerwright_uv.workspace import Workspace, workspace_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from layerwright import LockedArchive, Project

__all__ = [
    "LOCK_FILE",
    "PYLOCK",
    "Lock",
    "LockedPackage",
    "archives_of",
    "chosen",
    "digest_of_part",
    "lock_of",
    "python_bounds",
    "read_lock",
]

LOCK_FILE: Final = "uv.lock"
PYLOCK: Final = "pylock.toml"

# Beside one of these, a script is only a part of an application.
_OTHERS: Final = ("pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", PYLOCK, "Pipfile")
_BOUNDS: Final = re.compile(r'^requires-python = "([^"]+)"', re.MULTILINE)
_HEAD: Final = "[[package]]"
_PACKAGE: Final = re.compile(
    r'\s+name = "([^"]+)"\s+(?:version = "([^"]+)"\s+)?source = \{ (\w+) = "([^"]*)"'
)
_NAMED: Final = re.compile(r'\{ name = "([^"]+)"')
# It begins with plain text, which is searched for ten times as fast as the beginning of a word.
_HASH: Final = re.compile(r'hash = "([^"]+)"')


class Lock(NamedTuple):
    """A lock file that uv wrote, for a ``script`` or for the ``workspace`` that the project belongs to.

    ``others`` are the other files with dependencies that it must agree with, as far as they are known.
    """

    file: str = LOCK_FILE
    script: str = ""
    workspace: Workspace = Workspace(".", ".")
    others: tuple[str, ...] = ()

    @property
    def declaration(self) -> str:
        """The file with the dependencies that were locked."""
        return self.script or "pyproject.toml"

    def of(self, packages: Iterable[LockedPackage]) -> Lock:
        """Return it with the files of *packages*, all that it has."""
        name = self.workspace.name
        root = () if self.script else (name("pyproject.toml"),)
        found = {*root, *(name(f"{p.source}/pyproject.toml") for p in packages if p.is_project)}
        return self._replace(others=tuple(sorted(found - {self.declaration})))

    @property
    def command(self) -> str:
        """The command that writes the lock file."""
        return f"uv lock --script {self.script}" if self.script else "uv lock"


@frozen
class LockedPackage:
    """A distribution of the lock file: its version, empty if it is dynamic, and its source.

    ``kind`` is uv's word for the source: ``registry``, ``git``, ``editable``… ``hashes`` are those of its archives.
    ``text`` is what the lock file says about it.
    """

    name: str
    version: str
    kind: str
    source: str
    hashes: tuple[str, ...]
    text: str = field(default="", compare=False, repr=False)

    @property
    def named(self) -> frozenset[str]:
        """The distributions that it may require, with any extra, group or marker."""
        return frozenset(_NAMED.findall(self.text))

    @property
    def is_project(self) -> bool:
        """Whether it is a local directory with a ``pyproject.toml`` that the lock file must agree with."""
        return self.kind in {"directory", "editable", "virtual"}

    @property
    def is_pinned(self) -> bool:
        """Whether it cannot change unnoticed: pinned by hash or commit, or local, so that its contents are inputs."""
        return bool(self.hashes) or self.is_project or self.kind in {"git", "path"}

    @property
    def digest(self) -> str:
        """A digest that differs if the archives of the same version differ: of the hashes, or of the source."""
        return hashlib.sha256("\n".join(self.hashes or (self.kind, self.source)).encode()).hexdigest()


def lock_of(project: Project) -> Lock | None:
    """Return the lock file to install from: that of the workspace, or of the script that is the application."""
    workspace = workspace_of(project)
    file = workspace.name(LOCK_FILE)
    if project.exists(file):
        return Lock(file, workspace=workspace)
    if any(map(project.exists, _OTHERS)):
        return None
    script = application_script(project)
    return Lock(f"{script}.lock", script) if script and project.exists(f"{script}.lock") else None


def read_lock(text: str) -> tuple[LockedPackage, ...] | None:
    """Return the packages in *text*, a ``uv.lock``; ``None`` if it is not in the form that uv writes."""
    blocks = text.split(_HEAD)[1:]
    found = [(_PACKAGE.match(block), block) for block in blocks]
    packages = tuple(_package(head, block) for head, block in found if head)
    return packages if len(packages) == len(blocks) else None


def archives_of(project: Project, lock: Lock) -> Iterable[LockedArchive]:
    """Return the archives in the lock file, which is parsed for this."""
    return locked_archives(project.toml(lock.file).get("package"))


def chosen(text: str, packages: Sequence[LockedPackage], roots: Collection[str]) -> tuple[LockedPackage, ...]:
    """Return those of *packages*, all of the lock file *text*, that installing *roots* may install."""
    ahead = {*roots, *_NAMED.findall(text.partition(_HEAD)[0])}
    by_name: dict[str, list[LockedPackage]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package)
    found: set[str] = set()
    while ahead:
        found |= ahead
        ahead = {name for one in ahead for package in by_name.get(one, ()) for name in package.named} - found
    return tuple(package for package in packages if package.name in found)


def digest_of_part(text: str, packages: Iterable[LockedPackage]) -> str:
    """Return the SHA-256, in hexadecimal, of what the lock file *text* says about *packages* and about the whole."""
    parts = (text.partition(_HEAD)[0], *(package.text for package in packages))
    return hashlib.sha256(_HEAD.join(parts).encode()).hexdigest()


def python_bounds(project: Project) -> VersionSource | None:
    """Return ``requires-python`` of the lock file of *project*, if there is one."""
    lock = lock_of(project)
    name = lock.file if lock else PYLOCK if project.exists(PYLOCK) else None
    # The key is at the top, before the first package.
    found = _BOUNDS.search(project.text(name).partition("\n[[")[0]) if name else None
    if found is None:
        return None
    return VersionSource(origin=f"{name}: requires-python", value=found[1], specifier=found[1])


def _package(head: re.Match[str], block: str) -> LockedPackage:
    name, version, kind, source = head.groups("")
    hashes = tuple(sorted(_HASH.findall(block)))
    return LockedPackage(name=name, version=version, kind=kind, source=source, hashes=hashes, text=block)
