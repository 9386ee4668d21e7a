"""Decides whether a build needs the contents of layers that the platform restores without them.

A layer that is only for launch is kept by its metadata alone: the platform takes it from the last image. As long as
every layer of the image is kept, the build runs no command and reads none of their contents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build._decide import Action, decide
from layerwright.cnb.layers.absent import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layerwright.build._decide import LayerSpec
    from layerwright.cnb.layers.layer import LayersDirectory
    from layerwright.process.command import Completed

__all__ = ["left_absent", "with_contents"]


def left_absent(layers: LayersDirectory, specs: Iterable[LayerSpec]) -> frozenset[str] | None:
    """Outline those of *specs* that are kept without their contents; ``None`` if the build needs contents.

    Return the names of layers for the build alone that nothing has restored: they are left out unless a command runs.
    """
    if not layers.has_absent:
        return None
    unneeded = set()
    for spec in specs:
        if spec.types.cache and not spec.types.build:
            # Downloads, which are restored with their contents.
            continue
        restored = layers.restored(spec.name)
        decision = decide(restored, spec)
        stays = decision.action is Action.KEEP and not decision.resolves
        if spec.name in layers.to_create or (stays and restored.contents):
            continue
        in_place = restored.absent is Absent.IN_IMAGE or not spec.types.launch
        if stays and in_place and layers.outline(spec.name, spec.env):
            continue
        if spec.types.launch or spec.name in layers.needed:
            return None
        unneeded.add(spec.name)
        layers.leave_out(spec.name)
    return frozenset(unneeded)


def with_contents(layers: LayersDirectory, run: Callable[[], Completed], *names: str) -> Completed:
    """Run a command once the contents of the layers *names* are there, or those of all *layers*."""
    layers.bring(*names)
    return run()
