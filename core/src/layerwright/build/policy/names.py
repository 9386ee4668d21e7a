"""Names of distributions in a policy, which may end with ``*``, and their versions."""

from __future__ import annotations

from fnmatch import fnmatchcase

from layerwright.contract.names import normalised_name

__all__ = ["matches", "same_version"]


def matches(pattern: str, name: str) -> bool:
    """Return whether *pattern*, in any spelling, is for the distribution with the normalised *name*."""
    star = "*" if pattern.endswith("*") else ""
    # In a pattern, a separator before the star counts.
    return fnmatchcase(name, f"{normalised_name(pattern.removesuffix('*'))}{star}")


def same_version(one: str, other: str) -> bool:
    """Return whether two versions are equal (PEP 440): ``2.4`` is ``2.4.0``."""
    if one == other:
        return True
    from packaging.version import InvalidVersion, Version

    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return False
