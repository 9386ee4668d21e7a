"""How a package manager proves that a virtual environment is what a fresh one would be, and brings it to a change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from layerwright.process.command import Command

__all__ = ["Change", "Locked", "Resolution", "Resolved", "Unprovable", "Update"]


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One distribution of a resolved set.

    ``name`` is normalised (PEP 503). ``hashes`` are of its archive, as ``sha256:…``. ``url`` is there for a
    direct reference only (PEP 610), without credentials.
    """

    name: str
    version: str
    hashes: tuple[str, ...] = ()
    url: str = ""

    @property
    def words(self) -> str:
        """The distribution as the log names it."""
        return f"{self.name} {self.version}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What to do to a virtual environment so that it holds the resolved set.

    ``replace`` names those of ``install`` that are there already, in another version or from another archive.
    """

    install: tuple[Resolved, ...] = ()
    replace: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Update:
    """The install's ``commands`` bring an environment to a change: they also remove what is no longer wanted.

    ``archives``: which archive each distribution is installed from, a digest by ``name==version``. Most tools go by
    names and versions, so core removes what is installed from another archive before it runs the commands.
    ``keeps``: distributions that the commands do not remove even if nothing wants them. While one is installed, a
    change makes the environment afresh; core looks for them. ``diagnosis``: commands that core runs, silently, when
    ``commands`` have failed; if one of them fails as well, a fresh environment would fail too, and is not tried.
    """

    archives: Mapping[str, str] = field(default_factory=dict)
    keeps: frozenset[str] = frozenset()
    diagnosis: tuple[Command, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """The resolved set decides: how to know what would be installed, without installing it.

    ``command`` leaves the resolved set in the request's ``report``, and so do the ``commands`` of the install that it
    belongs to. ``read`` turns that text into the set; ``converge`` gives the commands for a change. Both are pure.
    """

    command: Command
    read: Callable[[str], tuple[Resolved, ...]]
    converge: Callable[[Change], tuple[Command, ...]]


@dataclass(frozen=True, kw_only=True)
class Locked:
    """Equal inputs prove an equal result: a lock file pins every archive by its hash. Nothing runs in that case.

    ``update`` brings the environment to a change of the inputs; without one, a change makes it afresh.
    """

    update: Update | Resolution | None = None


@dataclass(frozen=True)
class Unprovable:
    """Nothing proves an equal result, so that every build makes the environment afresh.

    ``because`` says why, in words for the log. ``ValueError``: there are no such words.
    """

    because: str

    def __post_init__(self) -> None:
        if not str(self.because).strip():
            raise ValueError("Unprovable needs words that say why")
