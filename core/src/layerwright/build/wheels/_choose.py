"""Finds the wheel that is locked, and fits the interpreter and this machine, in directories."""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING, NamedTuple

from layerwright.build.wheels.pins import SHA256
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.build.wheels.pins import Pin

__all__ = ["open_wheel"]


class _Candidate(NamedTuple):
    rank: int
    path: Path


def open_wheel(pin: Pin, directories: Iterable[Path], ranks: Mapping[str, int]) -> IO[bytes] | None:
    """Return the wheel of *pin* in *directories* whose tags rank best in *ranks*, opened; ``None`` if there is none.

    The open file has one of the hashes. Directories need not exist.
    """
    candidates = sorted(
        _Candidate(rank, path)
        for directory in directories
        for path in directory.glob("*.whl")
        if (rank := _rank(path.name, pin, ranks)) is not None
    )
    for one in candidates:
        try:
            file = one.path.open("rb")
        except OSError:
            continue
        if f"{SHA256}{hashlib.file_digest(file, 'sha256').hexdigest()}" in pin.hashes:
            return file
        file.close()
    return None


def _rank(filename: str, pin: Pin, ranks: Mapping[str, int]) -> int | None:
    # Reading the tags of every other wheel would take longer than unpacking.
    if normalised_name(filename.partition("-")[0]) != pin.name:
        return None
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename
    from packaging.version import InvalidVersion, Version

    try:
        _, version, _, tags = parse_wheel_filename(filename)
        if version != Version(pin.version):
            return None
    except (InvalidVersion, InvalidWheelFilename):
        return None
    return min((ranks[str(tag)] for tag in tags if str(tag) in ranks), default=None)
