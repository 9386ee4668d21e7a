"""Comparisons with the exact version of Python, in markers, lock files and metadata."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ANY", "Comparison", "comparisons", "separates", "varies"]

ANY: Final = ""
"""The specifier of what every patch release may change."""

Comparison = tuple[str, str]
"""A comparison as text, and its specifier: PEP 440, or :data:`ANY` if it cannot be read."""

# More patches than any minor version ever had.
_PATCHES: Final = 60
# The variables of markers (PEP 508) that have the patch. python_version has only the minor version.
_NAMES: Final = r"(?:python_full_version|implementation_version)"
_OPERATOR: Final = r"(?:===|==|~=|!=|<=|>=|<|>|not\s+in|in)"
# Lock files have markers inside strings, where quotes are escaped.
_VALUE: Final = r"\\?[\"']([^\"'\\\n]{0,80})\\?[\"']"
_FORWARD: Final = re.compile(rf"\b({_NAMES})\s*({_OPERATOR})\s*{_VALUE}")
_REVERSED: Final = re.compile(rf"{_VALUE}\s*({_OPERATOR})\s*({_NAMES})\b")
# `"python_full_version": "3.13.1"` in a Pipfile.lock.
_PINNED: Final = re.compile(rf"[\"']?({_NAMES})[\"']?\s*[:=]\s*{_VALUE}")
_MENTIONED: Final = re.compile(rf"\b{_NAMES}\b")
_REQUIRES: Final = re.compile(
    r"\b(requires[-_]python|python[-_]versions|python_requires)[\"']?\s*[:=]\s*" + _VALUE
)
_TURNED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def comparisons(text: str) -> Iterator[Comparison]:
    """Yield the comparisons in *text*, the content of a lock file, a requirements file or a ``pyproject.toml``."""
    if _MENTIONED.search(text):
        yield from _markers(text)
    for name, value in _REQUIRES.findall(text):
        yield f"{name} {value}", value


# A hundred distributions have a dozen specifiers.
@cache
def varies(specifier: str, minor: str) -> bool:
    """Return whether *specifier* can differ between two patch releases of *minor*."""
    if specifier == ANY:
        return True
    try:
        matches = version_matcher(specifier)
        first = matches(f"{minor}.0")
        return any(matches(f"{minor}.{patch}") != first for patch in range(1, _PATCHES))
    except ValueError:
        # The notation of Poetry, such as ^3.13.1. After these operators, a minor version does not separate patches.
        plain = "".join(specifier.split())
        alone = rf"(?<![\d.])(?<!>=)(?<![<^~]){re.escape(minor)}(?:\.\d|(?![\d.]))"
        exact = rf"(?<![\d.]){re.escape(minor)}\.\d"
        return re.search(rf"{exact}|{alone}", plain) is not None


def separates(specifier: str, then: str, now: str) -> bool:
    """Return whether *specifier* may differ between the versions *then* and *now*, of one minor version."""
    if specifier == ANY:
        return True
    try:
        matches = version_matcher(specifier)
        return matches(then) != matches(now)
    except ValueError:
        return True


def _markers(text: str) -> Iterator[Comparison]:
    for name, operator, value in _FORWARD.findall(text):
        yield _compared(name, operator, value)
    rest = _FORWARD.sub("", text)
    for value, operator, name in _REVERSED.findall(rest):
        yield _compared(name, _TURNED.get(operator, operator), value)
    rest = _REVERSED.sub("", rest)
    for name, value in _PINNED.findall(rest):
        yield f"{name} {value}", f"=={value}"
    if found := _MENTIONED.search(_PINNED.sub("", rest)):
        yield found[0], ANY


def _compared(name: str, operator: str, value: str) -> Comparison:
    # Only `in` and `not in` have words.
    specifier = ANY if operator[-1].isalpha() else f"{operator}{value}"
    return f"{name} {operator} {value}", specifier
