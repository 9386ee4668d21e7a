"""The rules ``hashes`` and ``build``: every archive is locked by hash, and nothing is built from source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import Origin
from layerwright.build.policy.rule import Asked, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["BUILD", "HASHES"]


def _check_hashes(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    del facts
    for one in candidates:
        if one.is_own:
            continue
        if one.origin is Origin.REPOSITORY:
            yield Violation(
                ruling=ruling,
                candidate=one,
                because=f"it comes from a repository, which has no hash: {one.url}",
            )
        elif not one.is_locked:
            yield Violation(ruling=ruling, candidate=one, because="no hash locks its archive")


def _check_build(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    del facts
    for one in candidates:
        if one.is_own:
            continue
        if one.origin is Origin.REPOSITORY:
            yield Violation(ruling=ruling, candidate=one, because=f"it is built from a repository: {one.url}")
            continue
        sources = [archive.filename for archive in one.archives if archive.filename and not archive.is_wheel]
        if sources and not any(archive.is_wheel for archive in one.archives):
            yield Violation(
                ruling=ruling,
                candidate=one,
                because=f"it is built from {' or '.join(sources)}: no wheel of it fits",
            )


def _asks_names(ruling: Ruling, candidate: Candidate) -> Iterable[Asked]:
    del ruling
    named = bool(candidate.archives) and all(archive.filename for archive in candidate.archives)
    return () if named or candidate.origin is not Origin.INDEX else (Asked(candidate.name),)


HASHES: Final = Rule(
    name="hashes",
    check=_check_hashes,
    remedy=(
        "Lock every distribution with its hashes: the lock command of the package manager writes them, or has an option"
        " that does. Use a release from an index instead of a repository."
    ),
)
BUILD: Final = Rule(
    name="build",
    check=_check_build,
    remedy="Use releases that have a wheel for this version of Python and this machine, and lock them again.",
    asks=_asks_names,
)
