"""Judges candidates by a policy: all violations of all rules, without those that an exception allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.build.policy.candidate import NO_DISTRIBUTION, Origin
from layerwright.build.policy.names import matches, same_version
from layerwright.build.policy.registry import RULES
from layerwright.build.policy.rule import Asked
from layerwright.contract.sources.index import same_index
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts, Rule, Violation
    from layerwright.config.policy.exemption import Exemption
    from layerwright.config.policy.policy import Policy, Ruling

__all__ = ["Judged", "Verdict", "asked_by", "exceptions_from", "judge", "rule_of"]


@frozen
class Judged:
    """A violation, and the exceptions that are for it.

    ``allowed`` is the one that counts, ``expired`` and ``weaker`` are some that do not.
    """

    violation: Violation
    allowed: Exemption | None = None
    expired: Exemption | None = None
    weaker: Exemption | None = None


class Verdict(NamedTuple):
    """What a policy says about candidates: violations that are refused, warnings, and what an exception each allows."""

    refused: tuple[Judged, ...]
    warned: tuple[Judged, ...]
    excepted: tuple[tuple[Judged, Exemption], ...]


def rule_of(ruling: Ruling) -> Rule:
    """Return the rule that *ruling* is for."""
    return RULES[ruling.rule]


def asked_by(policy: Policy, rulings: Iterable[Ruling], candidates: Sequence[Candidate]) -> list[Asked]:
    """Return the pages of indexes that are needed to judge *candidates* by *rulings*, which are of *policy*.

    Rules need them, and exceptions that are for one index.
    """
    return [
        asked for ruling in rulings for candidate in candidates for asked in _asked(policy, ruling, candidate)
    ]


def _asked(policy: Policy, ruling: Ruling, candidate: Candidate) -> Iterable[Asked]:
    yield from rule_of(ruling).asks(ruling, candidate)
    if candidate.origin is Origin.INDEX and not candidate.index:
        named = exceptions_from(ruling.rule, policy, candidate.name, candidate.version)
        if any(one.index for one in named):
            yield Asked(candidate.name)


def judge(
    policy: Policy,
    rulings: Iterable[Ruling],
    candidates: Sequence[Candidate],
    facts: Facts,
    *,
    unasked: bool = False,
) -> Verdict:
    """Return the verdict of *rulings*, which are of *policy*, about *candidates*.

    Where several rulings about one rule refuse the same distribution, the strongest source's is in the verdict.
    *unasked*: no index was asked, so what only an index says is left out.
    """
    found: dict[tuple[str, str, str, str], Judged] = {}
    for ruling in sorted(rulings, key=lambda one: -one.rank):
        rule = rule_of(ruling)
        known = [one for one in candidates if not (unasked and any(_asked(policy, ruling, one)))]
        for violation in rule.check(ruling, known, facts):
            judged = _excepted(violation, policy, facts.today)
            one = violation.candidate
            key = (ruling.rule, one.name, one.version, next(iter(violation.names), ""))
            before = found.get(key)
            if before is None or (before.allowed and not judged.allowed):
                found[key] = judged
    each = found.values()
    return Verdict(
        refused=tuple(one for one in each if not one.allowed and not one.violation.is_warning),
        warned=tuple(one for one in each if not one.allowed and one.violation.is_warning),
        excepted=tuple((one, one.allowed) for one in each if one.allowed),
    )


def exceptions_from(
    rule: str, policy: Policy, name: str, version: str, names: Collection[str] = ()
) -> list[Exemption]:
    """Return the exceptions of *policy* from *rule* for a *version* of the distribution *name*, whatever its index is.

    *names* are the identifiers of what *rule* has found there. Whether they have expired, or count, is not decided.
    """
    return [
        one
        for one in policy.exemptions
        if one.rule == rule.partition(".")[0]
        and name != NO_DISTRIBUTION
        and matches(one.distribution, name)
        and (not one.version or same_version(one.version, version))
        and one.id in ("", *names)
    ]


def _excepted(violation: Violation, policy: Policy, today: date) -> Judged:
    candidate = violation.candidate
    own = [
        one
        for one in exceptions_from(
            violation.ruling.rule, policy, candidate.name, candidate.version, violation.names
        )
        if not one.index or same_index(one.index, candidate.index or candidate.only_index)
    ]
    current = [one for one in own if one.expires >= today]
    counting = [one for one in current if one.rank >= violation.ruling.rank]
    return Judged(
        violation=violation,
        allowed=next(iter(counting), None),
        expired=next((one for one in own if one.expires < today), None),
        weaker=next((one for one in current if one not in counting), None),
    )
