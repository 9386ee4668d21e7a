"""What a policy judges: a distribution that will be installed, or is, with what is known about its archive."""

from __future__ import annotations

from enum import Enum
from typing import Final

from layerwright.files.frozen import frozen

__all__ = ["NO_DISTRIBUTION", "Archive", "Candidate", "Origin"]

NO_DISTRIBUTION: Final = "no distribution"
"""The name of a candidate that is files in the environment which no distribution has."""
_WHEEL: Final = ".whl"


class Origin(Enum):
    """Where a distribution comes from."""

    INDEX = "index"
    URL = "url"
    REPOSITORY = "repository"
    FILE = "file"
    """An archive on this machine, which is one of the application's files."""

    DIRECTORY = "directory"
    """A directory on this machine: a package of the application's own."""


@frozen
class Archive:
    """An archive that a distribution may be installed from, as a lock file or an index describes it."""

    filename: str = ""
    """Its name; empty if only its hashes are known."""

    hashes: frozenset[str] = frozenset()
    """Its hashes, as ``sha256:…``."""

    uploaded: str = ""
    """When it was uploaded to its index (RFC 3339); empty if that is unknown."""

    yanked: str | None = None
    """Why it was yanked (PEP 592), perhaps empty; ``None``: it was not, or that is unknown."""

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, which needs no build."""
        return self.filename.endswith(_WHEEL)


@frozen
class Candidate:
    """A distribution that will be installed, or is.

    Facts are empty as long as they are unknown: those of the index are looked up only if a rule needs them, and those
    of installed files exist only after the installation.
    """

    name: str
    """Its normalised name."""

    version: str
    """Its version."""

    origin: Origin = Origin.INDEX
    """Where it comes from."""

    archives: tuple[Archive, ...] = ()
    """The archives that it may be installed from; often exactly one."""

    url: str = ""
    """Its URL, only for a direct reference, without credentials."""

    index: str = ""
    """The URL of the index that it comes from, without credentials."""

    only_index: str = ""
    """The URL of the only index that there is, if it does not say whether it has the archive."""

    status: str = ""
    """The status of its project on the index (PEP 792), such as ``archived``."""

    status_reason: str = ""
    """Why the project has that status."""

    unseen: str = ""
    """Why the index could not say more about it, as a sentence."""

    is_locked: bool = True
    """Whether its archive is locked by hash."""

    licence: str = ""
    """Its licence, as an SPDX expression."""

    licence_names: tuple[str, ...] = ()
    """The names of its licences, if its metadata has no expression."""

    startup_files: tuple[str, ...] = ()
    """Its files with code that an interpreter runs at every start."""

    known_startup_files: tuple[str, ...] = ()
    """Those with code that is known to be harmless."""

    @property
    def words(self) -> str:
        """The distribution as text."""
        return f"{self.name} {self.version}".rstrip()

    @property
    def is_own(self) -> bool:
        """Whether it is a package of the application's own, which came from no index."""
        return self.origin is Origin.DIRECTORY
