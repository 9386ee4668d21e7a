"""PEP 440 specifiers for final releases of Python, without importing ``packaging`` if possible."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["version_matcher"]

# The specifiers of nearly every build. For final releases they only compare numbers; all others are left to the
# library, whose import takes longer than the start of a bare interpreter.
_CLAUSE: Final = re.compile(r"(==|>=|<) *([0-9]+(?:\.[0-9]+){0,2})(\.\*)?")


def version_matcher(specifier: str) -> Callable[[str], bool]:
    """Return a function from a final release, such as ``3.13.2`` or ``3.13``, to whether it matches *specifier*.

    *specifier* is a PEP 440 specifier set; every version matches an empty one.
    ``packaging.specifiers.InvalidSpecifier``, a ``ValueError``: it is invalid.
    """
    clauses = [_simple(clause.strip()) for clause in specifier.split(",") if clause.strip()]
    simple = [clause for clause in clauses if clause is not None]
    if len(simple) == len(clauses):

        def matches(version: str) -> bool:
            # Discovery asks hundreds of times.
            number = (*_numbers(version), 0, 0)[:3]
            return all(clause(number) for clause in simple)

        return matches
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(specifier).contains


def _simple(clause: str) -> Callable[[tuple[int, ...]], bool] | None:
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return None
    operator, text, wildcard = found.groups()
    number = _numbers(text)
    if operator == "==":
        wanted = number if wildcard else (*number, 0, 0)[:3]
        return lambda version: version[: len(wanted)] == wanted
    if wildcard:
        return None
    # 3.13 is 3.13.0: a shorter tuple orders before a longer one that begins with it, and so is no less exact.
    return (lambda version: version >= number) if operator == ">=" else (lambda version: version < number)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
