"""Translate Poetry's version constraints to PEP 440 specifier sets, where there is an equivalent."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["python_specifier", "specifier"]

_CLAUSE: Final = re.compile(r"\s*(\^|~=|~|==?|!=|<=|>=|<|>|)\s*([^\s,^~=!<>|]+)\s*,?")
# Not `packaging`: these are versions in Poetry's notation, of which those that PEP 440 has as well are kept.
_RELEASE: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*(\.\*|((a|b|rc|\.post|\.dev)[0-9]+)*)")
_EQUAL: Final = ("", "=", "==")
_MINORS: Final = tuple(f"3.{minor}" for minor in range(100))
_PATCHES: Final = range(50)


def specifier(constraint: str) -> str | None:
    """Return *constraint* as a PEP 440 specifier set; ``None`` if there is no equivalent.

    A union (``||``) has no equivalent. An empty set allows every version, like ``*``.
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
    """Return the first release that is too new for ``^`` (*caret*) or ``~``.

    ``^`` allows no change of the leftmost number that is not 0.
    """
    last = len(numbers) - 1
    at = next((i for i, number in enumerate(numbers) if number), last) if caret else min(1, last)
    return [*numbers[:at], numbers[at] + 1]


def python_specifier(constraint: str) -> str | None:
    """Return *constraint*, on Python, as a PEP 440 specifier set; ``None`` if there is no equivalent.

    A union (``^3.11 || ^3.13``) is translated by minor versions. A minor version is allowed if any of its patch
    releases is; Poetry itself refuses the others.
    """
    parts = [specifier(part) for part in constraint.replace("||", "|").split("|")]
    if len(parts) == 1 or None in parts:
        return parts[0] if len(parts) == 1 else None
    if "" in parts:
        return ""
    from packaging.specifiers import SpecifierSet

    sets = [SpecifierSet(part) for part in parts if part]
    allowed = [
        minor for minor in _MINORS if any(f"{minor}.{patch}" in one for one in sets for patch in _PATCHES)
    ]
    if not allowed:
        return None
    first, last = _MINORS.index(allowed[0]), _MINORS.index(allowed[-1])
    gaps = [f"!={minor}.*" for minor in _MINORS[first:last] if minor not in allowed]
    end = [f"<{_MINORS[last + 1]}"] if last + 1 < len(_MINORS) else []
    return ",".join([f">={allowed[0]}", *end, *gaps])
