"""The rule ``min-release-age``: an archive must have been on its index for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import Origin
from layerwright.build.policy.rule import Asked, Rule, Violation
from layerwright.config.policy.durations import duration_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["AGE"]

# Clocks differ.
_AHEAD: Final = timedelta(minutes=10)
_HOUR: Final = timedelta(hours=1)
# What the application has in its own files is as old as these.
_EXEMPT: Final = frozenset({Origin.DIRECTORY, Origin.FILE})


def _check(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    for one in candidates:
        if one.origin in _EXEMPT:
            continue
        if one.origin is not Origin.INDEX:
            yield Violation(
                ruling=ruling, candidate=one, because="it comes from no index, so its upload time is unknown"
            )
            continue
        found = [_judged(archive.uploaded, ruling.value, facts.now) for archive in one.archives]
        wrong = [each for each in found if each is not None]
        if not found or wrong:
            words, until = min(wrong, key=lambda each: each[1] or facts.now) if wrong else (_UNKNOWN, None)
            seen = f" ({one.unseen})" if words == _UNKNOWN and one.unseen else ""
            yield Violation(
                ruling=ruling,
                candidate=one,
                because=f"{words}{seen}",
                until=until.date() + timedelta(days=1) if until else None,
            )


def _judged(uploaded: str, age: timedelta, now: datetime) -> tuple[str, datetime | None] | None:
    """Return what is wrong with an archive of the time *uploaded*, and when it no longer is; ``None``: nothing."""
    if not uploaded:
        return _UNKNOWN, None
    at = _time(uploaded)
    if at is None:
        return f"its upload time cannot be read: {uploaded}", None
    shown = f"{at:%Y-%m-%d %H:%M} UTC"
    if at > now + _AHEAD:
        return f"its upload time is in the future: {shown}", None
    if now - at < age:
        since = "less than an hour" if now - at < _HOUR else duration_words(now - at)
        return f"it was uploaded {since} ago, on {shown}, and must be {duration_words(age)} old", at + age
    return None


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _asks(ruling: Ruling, candidate: Candidate) -> Iterable[Asked]:
    del ruling
    known = bool(candidate.archives) and all(archive.uploaded for archive in candidate.archives)
    return () if known or candidate.origin is not Origin.INDEX else (Asked(candidate.name),)


_UNKNOWN: Final = "its upload time is unknown"
AGE: Final = Rule(
    name="min-release-age",
    check=_check,
    remedy="Use releases that have been on their index for long enough, and lock them again.",
    asks=_asks,
)
