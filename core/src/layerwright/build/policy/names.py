"""Names of distributions in a policy, which may end with ``*``."""

from __future__ import annotations

from fnmatch import fnmatchcase

from layerwright.contract.names import normalised_name

__all__ = ["matches"]


def matches(pattern: str, name: str) -> bool:
    """Return whether *pattern*, in any spelling, is for the distribution with the normalised *name*."""
    star = "*" if pattern.endswith("*") else ""
    # In a pattern, a separator before the star counts.
    return fnmatchcase(name, f"{normalised_name(pattern.removesuffix('*'))}{star}")
