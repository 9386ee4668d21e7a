"""The buildpack: ``bin/detect`` and ``bin/build``, and :class:`Buildpack`, for buildpacks of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.buildpack.phases import Buildpack

__all__ = ["Buildpack"]


def __getattr__(name: str) -> object:
    if name != "Buildpack":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Imported late, because most modules of this folder are imported without it.
    from layerwright.buildpack.phases import Buildpack

    return Buildpack
