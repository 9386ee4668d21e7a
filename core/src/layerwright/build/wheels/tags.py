"""Which wheels fit an interpreter on this machine, and which fits best."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["best_archive", "ranks"]


@cache
def ranks(minor: str, platforms: tuple[str, ...] = ()) -> Mapping[str, int]:
    """Return the tags of wheels for CPython *minor*, the best first, each with its position.

    *platforms* replaces the platform tags of this machine.
    """
    from packaging.tags import compatible_tags, cpython_tags, platform_tags

    version = tuple(map(int, minor.split(".")))
    here = platforms or tuple(platform_tags())
    own = cpython_tags(version, [f"cp{''.join(minor.split('.'))}"], here)
    others = compatible_tags(version, f"cp{''.join(minor.split('.'))}", here)
    return {str(tag): rank for rank, tag in enumerate((*own, *others))}


def best_archive(filenames: Iterable[str], minor: str) -> str:
    """Return that of *filenames*, of one version, which package managers install for CPython *minor* on this machine.

    It is the wheel that fits best, otherwise a source archive. Empty: none can be installed, or several are as good.
    """
    names, here = tuple(filenames), ranks(minor)
    wheels = {name: rank for name in names if (rank := _rank(name, here)) is not None}
    if wheels:
        return min(wheels, key=lambda name: wheels[name])
    sources = [name for name in names if not name.endswith(".whl")]
    return sources[0] if len(sources) == 1 else ""


def _rank(filename: str, here: Mapping[str, int]) -> int | None:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        tags = parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return None
    return min((here[str(tag)] for tag in tags if str(tag) in here), default=None)
