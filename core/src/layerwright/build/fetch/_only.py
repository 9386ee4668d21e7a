"""A source of interpreters that has one version alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.pythons.provider import anything

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Candidate, Progress, Provider, Wanted

__all__ = ["OnlyVersion"]


class OnlyVersion:
    """The interpreters of *provider* with *version*, that of the bundle at *directory*: ``3.13`` or ``3.13.2``."""

    def __init__(self, provider: Provider, version: str, directory: Path) -> None:
        self._provider: Final = provider
        self._version: Final = version
        self._directory: Final = directory

    @property
    def name(self) -> str:
        """The name of the provider."""
        return self._provider.name

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        """Return those of the provider that have the version."""
        return [
            one
            for one in self._provider.candidates(wanted)
            if f"{one.version}.".startswith(f"{self._version}.")
        ]

    def looked_in(self) -> Sequence[str]:
        """Return the lines of the provider, and one for the bundle."""
        return [
            *self._provider.looked_in(),
            f"the bundle at {self._directory} is for Python {self._version} alone",
        ]

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        """Install *candidate* as the provider does."""
        self._provider.install(candidate, destination, runner, progress)
