"""One bill of materials for several layers, from the documents beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from layerwright.build.bom._reading import ReadingError, read_cyclonedx
from layerwright.build.bom.component import Bom
from layerwright.errors import SiteError, UserError
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.build.bom.component import Component
    from layerwright.cnb.layers.layer import LayersDirectory

__all__ = ["Part", "merged"]


class Part(Enum):
    """The part of a build that a document is about."""

    LAUNCH = "launch"
    BUILD = "build"
    ALL = "all"


def merged(layers: LayersDirectory, part: Part, *, name: str, version: str = "") -> Bom:
    """Return what the layers of *part* hold, as the last build wrote it beside them, for the application *name*.

    ``launch`` is what an image has, ``build`` what only the build had. ``UserError``: the build wrote no documents.
    """
    wanted = [one for one in layers.names() if _is_in(layers, one, part)]
    found = [one for one in wanted if layers.sbom_path(one, "cdx").exists()]
    if not found:
        raise UserError(
            "There is no bill of materials.",
            cause=f"The last build wrote none into {layers.path}.",
            remedy="Build again, with this version of Layerwright.",
            reference="no-sbom",
        )
    return Bom(
        name=name,
        version=version,
        components=tuple(component for one in found for component in _components(layers, one)),
    )


def _is_in(layers: LayersDirectory, name: str, part: Part) -> bool:
    types = layers.restored(name).types
    if types is None or not (types.build or types.launch):
        return False
    return part is Part.ALL or types.launch is (part is Part.LAUNCH)


def _components(layers: LayersDirectory, name: str) -> Iterator[Component]:
    file = layers.sbom_path(name, "cdx")
    try:
        document: Any = json.loads(bounded.read(file))
        for one in read_cyclonedx(document):
            yield replace(one, notes={**one.notes, "layerwright:layer": name})
    except (OSError, ValueError, ReadingError) as error:
        raise SiteError(
            "The bill of materials is damaged.",
            cause=f"{file}: {error}",
            remedy="Build again with --clean.",
            reference="damaged-build",
        ) from error
