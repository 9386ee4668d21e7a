"""What a source of interpreters offers, and the contract that each one keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from layerwright.process.runner import Runner

__all__ = ["Candidate", "Progress", "Provider", "Wanted", "anything", "minor_of", "version_key"]

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes done so far and the bytes in all, where that is known."""

Wanted: TypeAlias = Callable[[str], bool]
"""Tells of a version, as ``3.13.2``, whether it would do."""


def anything(version: str) -> bool:
    """Want every version."""
    del version
    return True


class Candidate(NamedTuple):
    """One interpreter that a provider could install.

    ``version`` always has three numbers: no pre-release is ever a candidate. ``origin`` is for the log and
    holds no credentials. ``inputs`` identify the content: equal ones install the same bytes at the same path.
    """

    version: str
    provider: str
    origin: str
    inputs: Mapping[str, str]


class Provider(Protocol):
    """A source of interpreters."""

    @property
    def name(self) -> str:
        """The provider's name in the configuration and in the log."""
        ...

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        """Return what could be installed, newest first; what is not *wanted* may be missing."""
        ...

    def looked_in(self) -> Sequence[str]:
        """Return a line for each place that was searched, for the error when nothing there will do."""
        ...

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        """Fill the empty directory *destination*, which must not move afterwards, with the prefix.

        ``bin/python``, ``bin/python3`` and ``bin/python3.X`` work when it returns. When it raises,
        *destination* holds rubbish, and is for the caller to remove.
        """
        ...


def version_key(version: str) -> tuple[int, ...]:
    """Return what orders *version*, which is numbers and dots only."""
    return tuple(int(number) for number in version.split("."))


def minor_of(version: str) -> str:
    """Return the ``3.13`` of ``3.13.2``."""
    return ".".join(version.split(".")[:2])
