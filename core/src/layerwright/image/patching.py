"""Replaces the Python layer, and the base, of a finished image, without its source."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.layers.names import PYTHON
from layerwright.build.patches.separate import BYTECODE, MADE_WITH, patch_change
from layerwright.errors import UserError
from layerwright.image.descriptor import json_bytes
from layerwright.image.inspecting import layers_of
from layerwright.image.launch.labels import BASE_DIGEST, BASE_NAME, LIFECYCLE_METADATA
from layerwright.pythons.provider import minor_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.image.base.image import BaseImage
    from layerwright.image.image import Image, Layer

__all__ = ["PatchedPython", "check_patch", "patched", "python_of"]

_VERSION: Final = "Python version"


def python_of(image: Image, name: str) -> str:
    """Return the version of Python in *image*, which is called *name*; ``UserError``: it has no such layer."""
    found = [layer for layer in layers_of(image).values() if layer["name"] == PYTHON]
    if found:
        return str(_data(found[0]).get("inputs", {}).get(_VERSION, ""))
    raise UserError(
        f"{name} has no layer of Python.",
        cause="Its labels name no layer that Layerwright or its buildpack has made.",
        remedy="Name an image of layerwright image, or of the buildpack.",
        reference="patch-refused",
    )


def check_patch(image: Image, name: str, version: str, bytecode: str) -> None:
    """Raise ``UserError`` if Python *version*, with its format of *bytecode*, cannot replace that of *image*."""
    before = python_of(image, name)
    if minor_of(before) != minor_of(version):
        raise _refused(
            name,
            f"It has Python {before}. A virtual environment works with one minor version, not with {version} as well.",
        )
    for layer in layers_of(image).values():
        data = _data(layer)
        if layer["name"] == PYTHON or not layer.get("launch"):
            continue
        if MADE_WITH in data:
            change = patch_change(data, version, resolves=False)
            if change is not None and change.because:
                raise _refused(name, f"The layer {layer['name']} depends on it: {change.reason}.")
            if bytecode and data.get(BYTECODE, bytecode) != bytecode:
                raise _refused(name, f"Python {version} has another format of bytecode.")
        elif data.get("inputs", {}).get(_VERSION, version) != version:
            raise _refused(
                name,
                f"The layer {layer['name']} was made for Python {before}, and its record does not say more.",
            )


class PatchedPython(NamedTuple):
    """A layer of Python for an image: the inputs that it was made from, and the format of its bytecode."""

    layer: Layer
    inputs: Mapping[str, str]
    bytecode: str = ""


def patched(image: Image, python: PatchedPython | None, base: BaseImage | None) -> Image:
    """Return *image* with another layer of *python*, and on another *base*, where they are given.

    All other layers stay.
    """
    layers = list(image.layers)
    labels = dict(image.config["Labels"])
    metadata: dict[str, Any] = json.loads(labels[LIFECYCLE_METADATA])
    if python is not None:
        for table in (buildpack.get("layers", {}) for buildpack in metadata["buildpacks"]):
            layers = _replaced(layers, table, python)
    annotations = dict(image.annotations)
    if base is not None:
        layers = [*base.image.layers, *layers[_of_base(image, metadata) :]]
        metadata["runImage"] = {
            "topLayer": base.image.layers[-1].diff_id,
            "reference": base.digest,
            "image": base.name,
        }
        for table in (labels, annotations):
            table |= {BASE_NAME: base.name, BASE_DIGEST: base.digest}
    labels[LIFECYCLE_METADATA] = json_bytes(metadata).decode()
    return replace(
        image, layers=tuple(layers), config={**image.config, "Labels": labels}, annotations=annotations
    )


def _replaced(layers: list[Layer], table: dict[str, Any], python: PatchedPython) -> list[Layer]:
    """Return *layers* with that of *python*, and describe it in *table*, which names the layers of a buildpack."""
    described = table.get(PYTHON, {})
    before = described.get("sha")
    described |= {"sha": python.layer.diff_id, "data": {**_data(described), "inputs": dict(python.inputs)}}
    return [
        replace(python.layer, history=layer.history) if layer.diff_id == before else layer for layer in layers
    ]


def _of_base(image: Image, metadata: Mapping[str, Any]) -> int:
    """Return how many layers of *image* are those of its base."""
    top = (metadata.get("runImage") or {}).get("topLayer")
    if not top:
        return 0
    ids = [layer.diff_id for layer in image.layers]
    if top not in ids:
        raise UserError(
            "The base of the image cannot be replaced.",
            cause="Its labels name a top layer of its base that it does not have.",
            remedy="Build the image again.",
            reference="patch-refused",
        )
    return ids.index(top) + 1


def _data(layer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metadata of a layer; none if it is of another form."""
    found = layer.get("data")
    return found if isinstance(found, dict) else {}


def _refused(name: str, cause: str) -> UserError:
    return UserError(
        f"The Python of {name} cannot be replaced.",
        cause=cause,
        remedy="Build the image again from its source.",
        reference="patch-refused",
    )
