"""Stores new layers on another core, while the build goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.process.forks import forked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright.build._decide import LayerSpec
    from layerwright.build.store.store import LayerStore

__all__ = ["begin_offer"]


def begin_offer(store: LayerStore, spec: LayerSpec, layer: Path) -> Callable[[], object]:
    """Begin to put the complete *layer* of *spec* into *store*; return a function that waits until it is there.

    Call that before anything changes or removes the layer.
    """

    def offer() -> bool:
        store.offer(spec, layer)
        return True

    begun = forked(offer)
    return lambda: begun() or offer()
