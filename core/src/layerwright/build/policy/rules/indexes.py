"""The rule ``indexes``: a distribution comes only from the index that it is pinned to.

Otherwise a public index could offer a higher version of a private name, and a package manager that looks at both would
install it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import NO_DISTRIBUTION, Origin
from layerwright.build.policy.names import matches
from layerwright.build.policy.rule import Asked, Rule, Violation
from layerwright.contract.sources.index import same_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.build.policy.candidate import Archive, Candidate
    from layerwright.build.policy.indexes.index import Page
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["INDEXES"]


def _check(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    for one in candidates:
        pin = _pin(ruling.value, one.name)
        if not pin or one.is_own or one.name == NO_DISTRIBUTION:
            continue
        if because := _wrong(one, pin, facts):
            yield Violation(ruling=ruling, candidate=one, because=because)


def _wrong(one: Candidate, pin: str, facts: Facts) -> str:
    if one.origin is not Origin.INDEX:
        return f"it comes from {one.url}, and must come from {pin}"
    page = facts.pages.get(Asked(one.name, pin))
    if page is not None and any(_is_on(archive, page) for archive in one.archives):
        # The same archive is the same archive, whichever index it was downloaded from.
        return ""
    if one.index and not same_index(one.index, pin):
        return f"it comes from {one.index}, and must come from {pin}"
    if page is None:
        return ""
    if page.unreadable:
        # Then a lock file that names the index is believed.
        return "" if one.index else f"it is unknown whether it comes from {pin}: {page.unreadable}"
    return f"its archive is not on {pin}, which it must come from"


def _is_on(archive: Archive, page: Page) -> bool:
    if archive.hashes:
        return any(archive.hashes & there.hashes for there in page.archives)
    return any(archive.filename == there.filename for there in page.archives)


def _asks(ruling: Ruling, candidate: Candidate) -> Iterable[Asked]:
    pin = _pin(ruling.value, candidate.name)
    if not pin or candidate.origin is not Origin.INDEX:
        return ()
    if candidate.index and not same_index(candidate.index, pin):
        return ()
    # A lock file may name the index, and have an archive from elsewhere.
    return (Asked(candidate.name, pin),)


def _pin(pins: Mapping[str, str], name: str) -> str:
    """Return the index that the most exact of *pins* has for *name*."""
    found = [pattern for pattern in pins if matches(pattern, name)]
    return pins[max(found, key=lambda pattern: (not pattern.endswith("*"), len(pattern)))] if found else ""


INDEXES: Final = Rule(
    name="indexes",
    check=_check,
    remedy="Configure the package manager to use the index that the rule names for a distribution, and lock again.",
    asks=_asks,
)
