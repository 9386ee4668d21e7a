"""The distributions that a lock file pins for one interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.contract.locked import locked_requirements
from layerwright.contract.markers import marker_applies
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SHA256", "Pin", "pins"]

SHA256: Final = "sha256:"


class Pin(NamedTuple):
    """One version of a distribution, by its normalised name, and the SHA-256 of each of its archives."""

    name: str
    version: str
    hashes: frozenset[str]

    @property
    def line(self) -> str:
        """The line of a requirements file."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash={one}" for one in sorted(self.hashes))))


def pins(hashed: str, python: str, *, markers: Mapping[str, str] | None = None) -> tuple[Pin, ...] | None:
    """Return the pins of the requirements file *hashed* for CPython *python*, a full version, on this machine.

    *markers* is the marker environment (PEP 508) of another machine. ``None``: an entry is not pinned by version and
    SHA-256.
    """
    found = []
    for entry in locked_requirements(hashed):
        if not _applies(entry.marker, python, markers):
            continue
        hashes = frozenset(pin for pin in entry.pins if pin.startswith(SHA256))
        if not entry.version or len(hashes) != len(entry.pins) or not hashes:
            return None
        found.append(Pin(normalised_name(entry.name), entry.version, hashes))
    return tuple(found)


def _applies(marker: str, python: str, markers: Mapping[str, str] | None) -> bool:
    if markers is None or not marker:
        return marker_applies(marker, python)
    from packaging.markers import Marker

    return Marker(marker).evaluate(dict(markers))
