"""What a finished image says about itself, made by ``layerwright image`` or with a buildpack, and how two differ."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build.layers.names import VENV
from layerwright.contract.names import normalised_name
from layerwright.image.launch.labels import BASE_DIGEST, BASE_NAME, BUILD_METADATA, LIFECYCLE_METADATA
from layerwright.image.layers.reading import open_layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright.image.image import Image, Layer

__all__ = ["Inspected", "InspectedLayer", "differences", "inspect_image", "label", "layer_name", "layers_of"]

_DISTRIBUTION: Final = re.compile(r"(?:.*/)?site-packages/([^/]+?)-([^/-]+)\.dist-info/METADATA")
_NAMED: Final = re.compile(r"Layer: '([^']+)'")
# The whole file system of a base, as an import or a Dockerfile adds it.
_BASE: Final = re.compile(r"(/bin/sh -c #\(nop\)\s+)?ADD (file|multi):\S+ in /\s*")


class InspectedLayer(NamedTuple):
    """A layer: its name, stored size in bytes, digests, and the inputs that it was made from, as far as known."""

    name: str
    size: int
    digest: str
    diff_id: str
    made_from: Mapping[str, str]


class Inspected(NamedTuple):
    """An image: its digest, base, layers from the lowest up, processes with their commands, and distributions."""

    digest: str
    base: str
    layers: tuple[InspectedLayer, ...]
    processes: Mapping[str, str]
    distributions: Mapping[str, str]

    @property
    def document(self) -> dict[str, Any]:
        """The image as JSON values."""
        layers = [layer._asdict() | {"made_from": dict(layer.made_from)} for layer in self.layers]
        return {**self._asdict(), "layers": layers}


def layers_of(image: Image) -> dict[str, Mapping[str, Any]]:
    """Return what the labels of *image* say of each layer of ours, by its diff ID, with its ``name``."""
    metadata = label(image, LIFECYCLE_METADATA)
    found: dict[str, Mapping[str, Any]] = {}
    for buildpack in metadata.get("buildpacks") or ():
        for name, layer in sorted((buildpack.get("layers") or {}).items()):
            found[str(layer.get("sha"))] = {**layer, "name": name}
    return found


def layer_name(layer: Layer) -> str:
    """Return the name of *layer* in its history; else what created it, in the words of the builder of its base."""
    words = str(layer.history.get("created_by") or "")
    named = _NAMED.match(words)
    return named[1] if named else _BASE.sub("", words) or "base image"


def inspect_image(image: Image, digest: str) -> Inspected:
    """Return what *image* says; the layer of its virtual environment is read, and no other.

    ``DamagedImageError``: that layer is damaged.
    """
    known = layers_of(image)
    labels = image.config.get("Labels") or {}
    layers, distributions = [], dict[str, str]()
    for layer in image.layers:
        described = known.get(layer.diff_id, {})
        name = described.get("name") or layer_name(layer)
        inputs = (described.get("data") or {}).get("inputs") or {}
        layers.append(
            InspectedLayer(
                name,
                layer.descriptor.size,
                layer.descriptor.digest,
                layer.diff_id,
                {key: value for key, value in inputs.items() if key.endswith("version") or key == "target"},
            )
        )
        if name == VENV:
            distributions = dict(sorted(_distributions(layer)))
    processes = label(image, BUILD_METADATA).get("processes") or ()
    return Inspected(
        digest=digest,
        base=str(labels.get(BASE_NAME) or labels.get(BASE_DIGEST) or ""),
        layers=tuple(layers),
        processes={str(one.get("type")): _command(one) for one in processes},
        distributions=distributions,
    )


def differences(one: Inspected, other: Inspected) -> list[str]:
    """Return a line for each difference from *one* image to the *other*: layers, processes, distributions, base."""
    lines = []
    if one.base != other.base:
        lines.append(f"base: {one.base or 'none'} → {other.base or 'none'}")
    lines += _changed("layer ", _by_name(one), _by_name(other), shown=False)
    for name, layer in _layers(other).items():
        before = _layers(one).get(name)
        if before is not None:
            lines += _changed(f"layer {name}: ", before.made_from, layer.made_from)
            if before.diff_id == layer.diff_id and before.digest != layer.digest:
                lines.append(f"~ layer {name}: compressed differently, the same contents")
    lines += _changed("process ", one.processes, other.processes)
    lines += _changed("", one.distributions, other.distributions)
    return lines


def _changed(
    what: str, before: Mapping[str, str], after: Mapping[str, str], *, shown: bool = True
) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        then, now = before.get(name), after.get(name)
        if then == now:
            continue
        if then is None or now is None:
            value = f" {then or now}" if shown else ""
            yield f"{'+' if then is None else '-'} {what}{name}{value}"
        else:
            yield f"~ {what}{name}" + (f" {then} → {now}" if shown else "")


def _layers(image: Inspected) -> dict[str, InspectedLayer]:
    return {layer.name: layer for layer in image.layers}


def _by_name(image: Inspected) -> dict[str, str]:
    return {name: layer.diff_id for name, layer in _layers(image).items()}


def label(image: Image, name: str) -> dict[str, Any]:
    """Return the table in the label *name* of *image*; an empty one if it has none, or something else."""
    try:
        found = json.loads((image.config.get("Labels") or {}).get(name) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _command(process: Mapping[str, Any]) -> str:
    import shlex

    command = process.get("command") or ()
    words = [command] if isinstance(command, str) else [*command]
    return shlex.join([*words, *(process.get("args") or ())])


def _distributions(layer: Layer) -> Iterator[tuple[str, str]]:
    with open_layer(layer) as archive:
        for member in archive:
            found = _DISTRIBUTION.fullmatch(member.name)
            if found is not None:
                yield normalised_name(found[1]), found[2]
