"""Events of a build, for the log and for whatever else follows a build."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Event", "Installed", "LayerBegun", "LayerDone", "Warned"]


class LayerBegun(NamedTuple):
    """A build begins to make a layer: ``created`` or ``updated``, and the reasons for it."""

    name: str
    action: str
    reasons: tuple[str, ...]


class LayerDone(NamedTuple):
    """A layer is complete: ``kept``, ``updated`` or ``created``, its time in seconds and its size in bytes."""

    name: str
    action: str
    reasons: tuple[str, ...]
    seconds: float
    size: int


class Installed(NamedTuple):
    """What changed in the virtual environment: the version of each distribution before and after.

    A distribution that is new has no version before, one that is gone has none after.
    """

    changes: tuple[tuple[str, str, str], ...]


class Warned(NamedTuple):
    """A warning; the build continues."""

    text: str


Event = LayerBegun | LayerDone | Installed | Warned
