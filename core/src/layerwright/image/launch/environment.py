"""The launch environment in an image, composed by the rules of the lifecycle from the layers as they are here."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from layerwright.cnb.layers.layer_env import apply_launch
from layerwright.files.mentions import mentions
from layerwright.image.layers.built import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.image.parts import Parts

__all__ = ["PATH", "image_environment", "process_environment"]

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The search path of an image whose base names none."""


def image_environment(parts: Parts, base: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of *base*, the base image, as the launch layers modify them for every process."""
    return _composed(parts, {"PATH": PATH, **base}, "")


def process_environment(parts: Parts, base: Mapping[str, str], process: str) -> dict[str, str]:
    """Return the variables that only the type *process* has, or has with other values."""
    every = image_environment(parts, base)
    its = _composed(parts, {"PATH": PATH, **base}, process)
    return {name: value for name, value in sorted(its.items()) if every.get(name) != value}


def _composed(parts: Parts, base: Mapping[str, str], process: str) -> dict[str, str]:
    composed = apply_launch(base, [(layer.name, layer.path) for layer in parts.layers], process)
    pattern, new = mentions([os.fspath(parts.root)]), os.fsencode(LAYERS)
    return {
        name: os.fsdecode(pattern.sub(lambda _match: new, os.fsencode(value)))
        for name, value in composed.items()
    }
