"""The applications to build: their requirements, how they are locked, and the source of their distributions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.testing.distributions import wheel
from tests.fixtures.wheelhouse import fill, wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.testing.distributions import Artifact

__all__ = ["Application", "elsewhere", "large", "small"]

_HERE: Final = Path(__file__).parent
_ROOT: Final = _HERE.parent
_DOWNLOADS: Final = _ROOT / ".wheelhouse-bench"
_CHANGED: Final = ("click", "click<8.5")
_REMOVED: Final = "gunicorn"


@dataclass(frozen=True, kw_only=True)
class Application:
    """An application that consists of its requirements: *direct* ones, and *locked*, which locks all of them by hash.

    *wheels* are the directories of their wheels and pip's.
    """

    name: str
    direct: tuple[str, ...]
    locked: str
    wheels: tuple[Path, ...]

    @property
    def unlocked(self) -> str:
        """The requirements file with only the direct requirements."""
        return _lines(self.direct)

    @property
    def changed(self) -> str:
        """The same with another version of one distribution."""
        before, after = _CHANGED
        return _lines(after if requirement == before else requirement for requirement in self.direct)

    @property
    def reduced(self) -> str:
        """The same without one requirement."""
        return _lines(requirement for requirement in self.direct if requirement != _REMOVED)


def small(pythons: Sequence[str]) -> Application:
    """Return the Flask example, fetching missing wheels for the Python versions *pythons*."""
    return Application(
        name="small",
        direct=("click", "flask", "gunicorn"),
        locked=(_ROOT / "examples" / "flask" / "requirements.txt").read_text(),
        wheels=(wheelhouse(), _fetched("older", pythons)),
    )


def large(pythons: Sequence[str]) -> Application:
    """Return the application of ``large.in``, fetching missing wheels for the Python versions *pythons*."""
    lines = (_HERE / "large.in").read_text().splitlines()
    return Application(
        name="large",
        direct=tuple(line for line in lines if line and not line.startswith("#")),
        locked=(_HERE / "large.txt").read_text(),
        wheels=(wheelhouse(), _fetched("large", pythons), _fetched("older", pythons)),
    )


def elsewhere() -> tuple[Artifact, ...]:
    """Return an empty distribution that only other operating systems require, but that a universal lock has to name."""
    return wheel("colorama", "0.4.6"), wheel("tzdata", "2026.6")


def _fetched(lock: str, pythons: Sequence[str]) -> Path:
    directory = _DOWNLOADS / lock
    directory.parent.mkdir(exist_ok=True)
    fill(directory, _HERE / f"{lock}.txt", pythons)
    return directory


def _lines(requirements: Iterable[str]) -> str:
    return "".join(f"{requirement}\n" for requirement in requirements)
