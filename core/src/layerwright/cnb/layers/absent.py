"""Layers whose contents the platform does not restore: they are kept by their metadata alone."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Absent", "ContentsNeeded"]


class Absent(StrEnum):
    """Where the contents are of a layer that has no directory."""

    NO = ""
    """Nowhere: it has a directory, or is not complete."""

    IN_IMAGE = "image"
    """In the last image, from which the platform takes it."""

    IN_CACHE = "cache"
    """In the cache, but not in the last image."""


class ContentsNeeded(BaseException):
    """The contents of a layer that was kept without them are needed, and cannot be brought back.

    It is not an ``Exception``, so that a plugin whose code needs them does not take it for one. The message names the
    layers.
    """
