"""Environment markers (PEP 508, PEP 751) on this machine, for an interpreter that may not be installed yet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.pythons.specifiers import version_matcher

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["marker_applies", "marker_environment"]

# Importing `packaging` takes a tenth of an unchanged build.
_PYTHON_ALONE: Final = r"\s*python_(full_)?version\s*(<|>=)\s*([\"'])([0-9]+(?:\.[0-9]+)*)\3\s*"


def marker_environment(python: str) -> dict[str, str]:
    """Return the marker environment (PEP 508) on this machine for CPython *python*, a full version."""
    from packaging.markers import default_environment

    here = {name: str(value) for name, value in default_environment().items()}
    return {
        **here,
        "implementation_version": python,
        "python_full_version": python,
        "python_version": ".".join(python.split(".")[:2]),
    }


def marker_applies(
    marker: object, python: str, *, extras: Collection[str] = (), groups: Collection[str] = ()
) -> bool:
    """Return whether *marker* holds on this machine for CPython *python* with *extras* and *groups*.

    An invalid marker applies, and so does an empty one or ``None``: the installing tool decides.
    """
    if not marker:
        return True
    alone = re.fullmatch(_PYTHON_ALONE, str(marker))
    if alone is not None:
        full, operator, _, version = alone.groups()
        return version_matcher(f"{operator}{version}")(python if full else ".".join(python.split(".")[:2]))
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison

    try:
        read = Marker(str(marker))
        environment = marker_environment(python)
        # A lock file of PEP 751 asks for all extras at once, a requirement for each by itself.
        chosen = {"extras": frozenset(extras), "dependency_groups": frozenset(groups)}
        return any(
            read.evaluate({**environment, **chosen, "extra": extra}, context="lock_file")
            for extra in (extras or ("",))
        )
    except (InvalidMarker, UndefinedComparison):
        return True
