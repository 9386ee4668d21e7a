"""The cache layer: what a package manager downloaded or built, never in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cnb.layer import LayerTypes
from layerwright.contribute import LayerSpec
from layerwright.layers import names

if TYPE_CHECKING:
    from layerwright.contribute import Contributor
    from layerwright.package_manager import PackageManager

__all__ = ["contribute_cache", "describe_cache"]


def describe_cache(manager: PackageManager) -> LayerSpec:
    """Return the layer for the downloads of *manager*, which looks after its own cache's validity."""
    return LayerSpec(
        name=names.cache_layer(manager.name),
        types=LayerTypes(cache=True),
        inputs={"package manager": manager.name},
    )


def contribute_cache(contributor: Contributor, spec: LayerSpec) -> None:
    """Have the cache's directory there; its contents are the package manager's business."""
    contributor.contribute(spec, create=lambda _layer: None)
