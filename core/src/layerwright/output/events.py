"""Events of a build, for the log and for whatever else follows a build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Chosen", "Event", "Installed", "LayerBegun", "LayerDone", "Warned"]


class Chosen(NamedTuple):
    """The choices of a build, before its first change: as JSON values, like those of an explanation."""

    target: str
    exec_env: str
    package_manager: Mapping[str, Any]
    python: Mapping[str, Any]
    policy: Mapping[str, Any] | None = None


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
    path: str = ""
    types: tuple[str, ...] = ()
    inputs: Mapping[str, str] = {}


class Installed(NamedTuple):
    """What changed in the virtual environment: the version of each distribution before and after.

    A distribution that is new has no version before, one that is gone has none after. ``distributions`` are all of
    those that are there afterwards, with their versions.
    """

    changes: tuple[tuple[str, str, str], ...]
    distributions: Mapping[str, str] = {}


class Warned(NamedTuple):
    """A warning; the build continues."""

    text: str


Event = Chosen | LayerBegun | LayerDone | Installed | Warned
