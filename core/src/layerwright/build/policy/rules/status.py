"""The rules ``yanked``, ``archived`` and ``quarantined``: what an index says against an archive or a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import Origin
from layerwright.build.policy.rule import Asked, Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["ARCHIVED", "QUARANTINED", "YANKED"]


def _asks(ruling: Ruling, candidate: Candidate) -> Iterable[Asked]:
    # A lock file has what was right when it was written.
    return () if ruling.is_idle or candidate.origin is not Origin.INDEX else (Asked(candidate.name),)


def _rule(name: str, words: Callable[[Candidate], str], remedy: str) -> Rule:
    """Return the rule *name*, which denies or warns of candidates for which *words* returns some."""

    def check(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
        del facts
        warns = ruling.value == "warn"
        for one in candidates:
            if one.origin is not Origin.INDEX:
                continue
            if found := words(one):
                yield Violation(ruling=ruling, candidate=one, because=found, is_warning=warns)
            elif one.unseen:
                # An index that does not say it is no reason to refuse what a lock file has.
                because = f"it is unknown whether it is {name}: {one.unseen}"
                yield Violation(ruling=ruling, candidate=one, because=because, is_warning=True)

    return Rule(name=name, check=check, remedy=remedy, asks=_asks)


def _yanked(one: Candidate) -> str:
    reasons = [archive.yanked for archive in one.archives if archive.yanked is not None]
    return f"it was yanked{_after(reasons[0])}" if reasons else ""


def _of_project(status: str) -> Callable[[Candidate], str]:
    return lambda one: f"its project is {status}{_after(one.status_reason)}" if one.status == status else ""


def _after(reason: str) -> str:
    return f": {reason}" if reason else ""


_OTHER: Final = "Use distributions whose projects are not {}, and lock them again."
YANKED: Final = _rule("yanked", _yanked, "Use releases that are not yanked, and lock them again.")
ARCHIVED: Final = _rule("archived", _of_project("archived"), _OTHER.format("archived"))
QUARANTINED: Final = _rule("quarantined", _of_project("quarantined"), _OTHER.format("quarantined"))
