"""How an image of an application was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from layerwright.build.bom.component import web_address
from layerwright.config.reading import IMAGE
from layerwright.config.sources import variable
from layerwright.image.inspecting import layers_of
from layerwright.image.provenance.dependencies import components, image_dependency, source
from layerwright.image.provenance.record import portable_part
from layerwright.image.provenance.statement import BUILD, Making, digests
from layerwright.process.redaction import KNOWN, MASK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.build.bom.component import Bom
    from layerwright.config.sources import Sources
    from layerwright.image.base.image import BaseImage
    from layerwright.image.image import Image

__all__ = ["Asked", "build_of", "layers_described"]


class Asked(NamedTuple):
    """What the user asked for: the application, by its *name* and its *directory* in the source tree, and settings."""

    name: str
    directory: str
    sources: Sources


def build_of(image: Image, base: BaseImage, asked: Asked, bom: Bom, record: Mapping[str, Any]) -> Making:
    """Return how *image* was made on *base*, as it was *asked*.

    *bom* has what is in the layers of the build and of the image, and *record* is that of the build.
    """
    python = record["python"] or {}
    archive = web_address(python.get("origin"))
    labels = image.config.get("Labels") or {}
    return Making(
        build_type=BUILD,
        external={
            "application": asked.name,
            **({"directory": asked.directory} if asked.directory else {}),
            **({"base": base.name} if base.name else {}),
            "settings": _settings(asked.sources),
            "variables": _variables(asked.sources),
        },
        internal={
            "target": record["target"],
            "executionEnvironment": record["execution-environment"],
            "packageManager": (record["package-manager"] or {}).get("name"),
            "python": {key: python[key] for key in ("version", "provider") if key in python},
            "layers": layers_described(image),
        },
        dependencies=(
            *([image_dependency(base.name, base.digest, "base image")] if base.digest else ()),
            *source(labels),
            *components(bom.components, {"python": archive}),
        ),
        record=portable_part(record),
    )


def layers_described(image: Image) -> dict[str, Any]:
    """Return the layers of *image* that a build made, by name: their digests, and what they were made with."""
    return {
        str(layer["name"]): {
            "digest": digests(diff_id),
            "inputs": dict((layer.get("data") or {}).get("inputs") or {}),
        }
        for diff_id, layer in layers_of(image).items()
    }


def _variables(sources: Sources) -> dict[str, str]:
    """Return the variables with settings, without what is secret in them."""
    secret = KNOWN.variables(sources.environment)
    return {
        name: value if name not in secret else KNOWN.masked(value) if "://" in value else MASK
        for name, value in sources.environment.items()
        # The key signs this, and its path says something of the machine alone.
        if name != variable((IMAGE, "key"))
    }


def _settings(sources: Sources) -> dict[str, Any]:
    """Return the settings in files, by their dotted keys, as they were written."""
    found = {}
    for key in sources.keys:
        values = sources.in_files(key)
        if values and key != (IMAGE, "key") and not (len(key) == 1 and isinstance(values[0].value, dict)):
            found[".".join(key)] = values[0].value
    return dict(sorted(found.items()))
