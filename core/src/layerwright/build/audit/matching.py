"""Whether a version is one of those that a record is about, and the version that has the fix.

It follows "Evaluation" of the OSV schema, with versions compared as PEP 440 has it.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from layerwright.build.audit.advisory import Affected

__all__ = ["Verdict", "fixed_in", "verdict"]

_FIRST: Final = "0"
# If several events have the same version, the one that makes it affected counts last.
_ORDER: Final = {"fixed": 0, "introduced": 1, "last_affected": 2}


class Verdict(Enum):
    """What a record says about a version."""

    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    UNDECIDED = "undecided"
    """The record has no versions that could be compared."""


def verdict(affected: Affected, version: str) -> Verdict:
    """Return what *affected* says about *version*."""
    own = _parsed(version)
    if version in affected.versions or (own and own in map(_parsed, affected.versions)):
        return Verdict.AFFECTED
    ranges = [events for events in affected.ranges if events]
    if not ranges:
        return Verdict.UNAFFECTED if affected.versions else Verdict.UNDECIDED
    found = [_within(events, own) for events in ranges]
    if True in found:
        return Verdict.AFFECTED
    return Verdict.UNDECIDED if None in found else Verdict.UNAFFECTED


def fixed_in(affected: Affected, version: str) -> str:
    """Return the lowest version above *version* that *affected* names as fixed; empty: it names none."""
    own = _parsed(version)
    fixes = {
        fix: text
        for events in affected.ranges
        for kind, text in events
        if kind == "fixed" and (fix := _parsed(text)) and own and fix > own
    }
    return fixes[min(fixes)] if fixes else ""


def _within(events: Sequence[tuple[str, str]], own: Version | None) -> bool | None:
    """Return whether *own* is in the range of *events*; ``None``: a version is not one of PEP 440."""
    bounds = [
        (kind, _parsed(text))
        for kind, text in events
        if kind != "limit" and (kind, text) != ("introduced", _FIRST)
    ]
    limits = [_parsed(text) for kind, text in events if kind == "limit" and text != "*"]
    if own is None or None in limits or any(at is None for _, at in bounds):
        return None
    if limits and not any(own < limit for limit in _known(limits)):
        return False
    affected = ("introduced", _FIRST) in events
    for kind, at in sorted(_pairs(bounds), key=lambda one: (one[1], _ORDER[one[0]])):
        if kind == "introduced":
            affected = affected or own >= at
        elif own > at or (kind == "fixed" and own == at):
            affected = False
    return affected


def _known(versions: Iterable[Version | None]) -> Iterator[Version]:
    return (one for one in versions if one is not None)


def _pairs(bounds: Iterable[tuple[str, Version | None]]) -> Iterator[tuple[str, Version]]:
    return ((kind, at) for kind, at in bounds if at is not None)


def _parsed(text: str) -> Version | None:
    """Return the version *text* without a local part: 2.0+cpu is as vulnerable as 2.0."""
    try:
        found = Version(text)
    except InvalidVersion:
        return None
    return Version(found.public) if found.local else found
