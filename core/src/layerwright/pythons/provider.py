"""The interface of sources of interpreters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.process.runner import Runner

__all__ = [
    "ARCHIVE_SHA256",
    "Candidate",
    "Progress",
    "Provider",
    "Wanted",
    "anything",
    "minor_of",
    "version_key",
]

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the number of bytes done so far and, if known, in total."""

Wanted: TypeAlias = Callable[[str], bool]
"""Returns whether a version, such as ``3.13.2``, is wanted."""


def anything(version: str) -> bool:
    """Accept every version."""
    del version
    return True


ARCHIVE_SHA256: Final = "archive SHA-256"
"""The input with the SHA-256 of the archive that an interpreter comes from, if it comes from one."""


class Candidate(NamedTuple):
    """An interpreter that a provider can install.

    ``version`` always has three numbers: no pre-release is ever a candidate. ``origin`` is for the log and has no
    credentials. ``inputs`` identify the content: equal ones install the same bytes at the same path.
    """

    version: str
    provider: str
    origin: str
    inputs: Mapping[str, str]


class Provider(Protocol):
    """A source of interpreters."""

    @property
    def name(self) -> str:
        """The provider's name in the configuration and the log."""
        ...

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        """Return the interpreters that can be installed, newest first; those that are not *wanted* may be missing."""
        ...

    def looked_in(self) -> Sequence[str]:
        """Return a line for each place that was searched, for the error if none has a match."""
        ...

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        """Install the prefix into the empty directory *destination*, which must not move afterwards.

        ``bin/python``, ``bin/python3`` and ``bin/python3.X`` work when it returns. If it raises, the caller removes
        *destination*.
        """
        ...


def version_key(version: str) -> tuple[int, ...]:
    """Return a sort key for *version*, which consists of numbers and dots."""
    return tuple(int(number) for number in version.split("."))


def minor_of(version: str) -> str:
    """Return the ``3.13`` of ``3.13.2``."""
    return ".".join(version.split(".")[:2])
