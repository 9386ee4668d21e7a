"""Poetry's version constraints, where they mean what a PEP 440 specifier set can say."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["specifier"]

_CLAUSE: Final = re.compile(r"\s*(\^|~=|~|==?|!=|<=|>=|<|>|)\s*([^\s,^~=!<>|]+)\s*,?")
_RELEASE: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*(\.\*|((a|b|rc|\.post|\.dev)[0-9]+)*)")
_EQUAL: Final = ("", "=", "==")


def specifier(constraint: str) -> str | None:
    """Return *constraint* as a PEP 440 specifier set, ``None`` where there is none that means the same.

    There is none for a union (``||``). An empty set allows every version, like ``*``.
    """
    constraint = constraint.strip()
    clauses, end = [], 0
    while end < len(constraint):
        found = _CLAUSE.match(constraint, end)
        clause = _specifier(*found.groups()) if found else None
        if found is None or clause is None:
            return None
        clauses.append(clause)
        end = found.end()
    return ",".join(filter(None, clauses))


def _specifier(operator: str, version: str) -> str | None:
    if operator in _EQUAL:
        operator = "=="
    if operator == "==" and version == "*":
        return ""
    if operator in ("^", "~"):
        if not _RELEASE.fullmatch(version):
            return None
        numbers = [int(number) for number in version.split(".")]
        return f">={version},<{'.'.join(map(str, _next(numbers, caret=operator == '^')))}"
    return f"{operator}{version}" if _VERSION.fullmatch(version) else None


def _next(numbers: list[int], *, caret: bool) -> list[int]:
    """Return the first release that ``^`` excludes: another leftmost number that is not 0; or that ``~`` excludes."""
    last = len(numbers) - 1
    at = next((i for i, number in enumerate(numbers) if number), last) if caret else min(1, last)
    return [*numbers[:at], numbers[at] + 1]
