"""How an image was made from another one, without its source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from layerwright.build.bom.merging import LAYER
from layerwright.build.layers.names import PYTHON
from layerwright.image.provenance.building import layers_described
from layerwright.image.provenance.dependencies import components, image_dependency
from layerwright.image.provenance.statement import PATCH, Making

if TYPE_CHECKING:
    from layerwright.build.bom.component import Bom, Component
    from layerwright.image.base.image import BaseImage
    from layerwright.image.image import Image

__all__ = ["Patched", "patch_of", "patched_bom"]


class Patched(NamedTuple):
    """What took the place of what: *python*, the components of the layer of Python, and *base*, where there is one."""

    before: BaseImage
    python: tuple[Component, ...] = ()
    base: BaseImage | None = None


def patched_bom(bom: Bom, patch: Patched) -> Bom:
    """Return *bom* of the image before, as that of the image after *patch*."""
    if not patch.python:
        return bom
    kept = tuple(one for one in bom.components if not _is_of_python(one))
    return replace(bom, components=(*patch.python, *kept))


def patch_of(patch: Patched, image: Image) -> Making:
    """Return how *patch* made *image*."""
    before, base = patch.before, patch.base
    versions = [one.version for one in patch.python if one.name == PYTHON]
    return Making(
        build_type=PATCH,
        external={
            **({"image": before.name} if before.name else {}),
            **({"python": versions[0]} if versions else {}),
            **({"base": base.name} if base is not None and base.name else {}),
        },
        internal={"layers": layers_described(image)},
        dependencies=(
            image_dependency(before.name, before.manifest, "patched image"),
            *([image_dependency(base.name, base.digest, "base image")] if base is not None else ()),
            *components(patch.python),
        ),
    )


def _is_of_python(one: Component) -> bool:
    """Return whether *one* is in the layer of Python; documents of others do not say in which layer something is."""
    layer = one.notes.get(LAYER)
    return layer == PYTHON if layer else one.purl.startswith(f"pkg:generic/{PYTHON}@")
