"""The rules ``licences.allowed`` and ``licences.denied``, about SPDX licence expressions (PEP 639)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from layerwright.build.policy.candidate import NO_DISTRIBUTION
from layerwright.build.policy.rule import Rule, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layerwright.build.policy.candidate import Candidate
    from layerwright.build.policy.rule import Facts
    from layerwright.config.policy.policy import Ruling

__all__ = ["ALLOWED", "DENIED", "holds"]


def holds(expression: str, accepts: Callable[[str], bool]) -> bool:
    """Return whether *expression*, a valid SPDX licence expression, can be met with licences that *accepts* takes.

    ``OR`` leaves a choice, ``AND`` does not; it binds stronger. An identifier comes with its ``WITH`` clause.
    """
    words = expression.replace("(", " ( ").replace(")", " ) ").split()
    return _any_of(words, accepts)


def _any_of(words: list[str], accepts: Callable[[str], bool]) -> bool:
    found = _all_of(words, accepts)
    while words and words[0].upper() == "OR":
        words.pop(0)
        # Read the words in any case.
        found = _all_of(words, accepts) or found
    return found


def _all_of(words: list[str], accepts: Callable[[str], bool]) -> bool:
    found = _one(words, accepts)
    while words and words[0].upper() == "AND":
        words.pop(0)
        found = _one(words, accepts) and found
    return found


def _one(words: list[str], accepts: Callable[[str], bool]) -> bool:
    word = words.pop(0)
    if word == "(":
        found = _any_of(words, accepts)
        words.pop(0)
        return found
    if words and words[0].upper() == "WITH":
        words.pop(0)
        word = f"{word} WITH {words.pop(0)}"
    return accepts(word)


def _check_allowed(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    del facts
    for one in _judged(candidates):
        if one.licence:
            if not holds(one.licence, lambda licence: _is_in(licence, ruling.value)):
                yield Violation(
                    ruling=ruling, candidate=one, because=f"its licence is not allowed: {one.licence}"
                )
        elif one.licence_names:
            wrong = [name for name in one.licence_names if not _is_in(name, ruling.value)]
            if wrong:
                yield Violation(
                    ruling=ruling, candidate=one, because=f"its licence is not allowed: {', '.join(wrong)}"
                )
        else:
            yield Violation(ruling=ruling, candidate=one, because="its metadata has no licence")


def _check_denied(ruling: Ruling, candidates: Iterable[Candidate], facts: Facts) -> Iterable[Violation]:
    del facts
    for one in _judged(candidates):
        if one.licence:
            wrong = not holds(one.licence, lambda licence: not _is_in(licence, ruling.value))
            names = [one.licence] if wrong else []
        else:
            names = [name for name in one.licence_names if _is_in(name, ruling.value)]
        if names:
            yield Violation(
                ruling=ruling, candidate=one, because=f"its licence is denied: {', '.join(names)}"
            )


def _judged(candidates: Iterable[Candidate]) -> Iterable[Candidate]:
    return (one for one in candidates if not one.is_own and one.name != NO_DISTRIBUTION)


def _is_in(licence: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(licence.lower(), pattern.lower()) for pattern in patterns)


ALLOWED: Final = Rule(
    name="licences.allowed",
    check=_check_allowed,
    remedy="Use distributions with an allowed licence, and lock them again, or allow the licence in the policy.",
    needs_files=True,
)
DENIED: Final = Rule(
    name="licences.denied",
    check=_check_denied,
    remedy="Use distributions with another licence, and lock them again.",
    needs_files=True,
)
