"""Which of the archives in a lock file a distribution was installed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.bom._metadata import fields_in
from layerwright.contract.locked import HASH
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.contract.locked import LockedArchive

__all__ = ["PINNED", "archive_of", "by_distribution", "hashes_of"]

PINNED: Final = "layerwright:pinned-hashes"
"""The note of a component whose archive has one of these hashes."""

_WHEEL: Final = ".whl"


def by_distribution(archives: Iterable[LockedArchive]) -> dict[tuple[str, str], tuple[LockedArchive, ...]]:
    """Return *archives* by the normalised name and the version of their distributions."""
    found: dict[tuple[str, str], list[LockedArchive]] = {}
    for one in archives:
        found.setdefault((normalised_name(one.name), one.version), []).append(one)
    return {key: tuple(each) for key, each in found.items()}


def archive_of(dist_info: Path, archives: tuple[LockedArchive, ...]) -> LockedArchive | None:
    """Return that of *archives*, of one distribution, from which *dist_info* was installed; ``None``: it is unknown.

    A wheel's ``WHEEL`` has the tags that are in its name (PEP 427). Where no wheel has these tags, the distribution was
    built from its source archive.
    """
    if len(archives) == 1:
        return archives[0]
    tags = frozenset(fields_in(dist_info / "WHEEL").get("tag", ()))
    wheels = [one for one in archives if one.filename.endswith(_WHEEL)]
    same = [one for one in wheels if tags and _tags(one.filename) == tags]
    sources = [one for one in archives if one.filename and one not in wheels]
    found = same or sources
    return found[0] if len(found) == 1 else None


def hashes_of(archive: LockedArchive) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the hashes of *archive*, or a note with those that it may have.

    Requirements pin a version by the hashes of all of its archives; then none is certain.
    """
    found = tuple(sorted(set(filter(HASH.fullmatch, archive.hashes))))
    algorithms = {value.partition(":")[0] for value in found}
    return (found, {}) if len(algorithms) == len(found) else ((), {PINNED: " ".join(found)})


def _tags(filename: str) -> frozenset[str]:
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        return frozenset(map(str, parse_wheel_filename(filename)[3]))
    except InvalidWheelFilename:
        return frozenset()
