"""How a package manager proves that a virtual environment equals a fresh one, and how it updates one."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from layerwright.contract.locked import LockedArchive
    from layerwright.process.command import Command

__all__ = [
    "Change",
    "Locked",
    "Resolution",
    "Resolved",
    "Sameness",
    "Unprovable",
    "Update",
    "resolution_of",
    "update_of",
]


@frozen
class Resolved:
    """One distribution of a resolved set."""

    name: str
    """Its normalised name (PEP 503)."""

    version: str
    """Its version, as its metadata has it."""

    hashes: tuple[str, ...] = ()
    """The hashes of its archive, as ``sha256:…``; empty if they are unknown."""

    url: str = ""
    """Its URL, only for a direct reference (PEP 610), without credentials."""

    archive: str = ""
    """The name of its archive, which says whether that is a wheel; empty if it is unknown, or not from an archive."""

    @property
    def words(self) -> str:
        """The distribution as text for the log."""
        return f"{self.name} {self.version}"


@frozen
class Change:
    """The change that makes a virtual environment hold the resolved set."""

    install: tuple[Resolved, ...] = ()
    """The distributions to install."""

    replace: tuple[str, ...] = ()
    """The names of those to install that are installed in another version or from another archive."""

    remove: tuple[str, ...] = ()
    """The names of those to uninstall."""


@frozen
class Update:
    """The install's ``commands`` can update an environment: they also remove what is no longer needed."""

    archives: Mapping[str, str] = field(default_factory=dict)
    """The archive of each distribution, a digest by ``name==version``. Most tools compare names and versions, so core
    removes distributions from other archives before it runs the commands."""

    keeps: frozenset[str] = frozenset()
    """Distributions that the commands do not remove even if nothing requires them. While one is installed, a change
    recreates the environment; core looks for them."""

    diagnosis: tuple[Command, ...] = ()
    """Commands that core runs, silently, when ``commands`` have failed; if one of them fails as well, a fresh
    environment would fail too, and is not tried."""


@frozen
class Resolution:
    """The resolved set decides: how to find what would be installed, without installing it."""

    command: Command
    """Writes the resolved set to the request's ``report``, as the ``commands`` of the same install do."""

    read: Callable[[str], tuple[Resolved, ...]]
    """Parses that text into the set. Pure."""

    converge: Callable[[Change], tuple[Command, ...]]
    """Returns the commands for a change. Pure."""

    reinstall: Callable[[Path, Path], Command] | None = None
    """Returns the command that installs a wheel into a virtual environment, as ``commands`` would. With it, core keeps
    an environment that another version of the package manager would fill with the same files. Pure."""


@frozen
class Locked:
    """Equal inputs prove an equal result: a lock file pins every archive by hash. No process runs in that case."""

    update: Update | Resolution | None = None
    """How to update the environment after a change of the inputs; without it, a change recreates the environment."""

    archives: Callable[[], Iterable[LockedArchive]] | None = field(default=None, compare=False)
    """Reads the archives that the lock file names, for all platforms. Pure. Only a build that changes the environment
    calls it, for the hashes in its bill of materials, so it may parse the whole file."""


@frozen
class Unprovable:
    """Nothing proves an equal result, so every build recreates the environment.

    ``ValueError``: the reason is empty.
    """

    because: str = field(kw_only=False)
    """The reason, in words for the log."""

    archives: Callable[[], Iterable[LockedArchive]] | None = field(default=None, compare=False)
    """Reads the archives that a lock file names nevertheless, like :attr:`Locked.archives`; only a policy uses it."""

    def __post_init__(self) -> None:
        if not str(self.because).strip():
            raise ValueError("Unprovable needs a reason")


Sameness = Locked | Resolution | Unprovable


def resolution_of(sameness: Sameness) -> Resolution | None:
    """Return the resolution of *sameness*: the one that decides, or the one that updates a locked set."""
    found = sameness.update if isinstance(sameness, Locked) else sameness
    return found if isinstance(found, Resolution) else None


def update_of(sameness: Sameness) -> Update | None:
    """Return how the commands of an install with *sameness* update an environment, ``None`` if they do not."""
    found = sameness.update if isinstance(sameness, Locked) else None
    return found if isinstance(found, Update) else None
