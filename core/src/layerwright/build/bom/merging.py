"""One bill of materials for several layers, from the documents beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom.component import Bom
from layerwright.build.bom.reading import ReadingError, read_cyclonedx, read_spdx, subject_of
from layerwright.build.layers.names import STAND_INS
from layerwright.errors import SiteError, UserError
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.build.bom.component import Component
    from layerwright.cnb.layers.layer import LayersDirectory
    from layerwright.files.project import Project

__all__ = ["LAYER", "Part", "components_in", "merged", "named", "read_bom"]

LAYER: Final = "layerwright:layer"
"""The note of a component that says which layer holds it."""


class Part(Enum):
    """The part of a build that a document is about."""

    LAUNCH = "launch"
    BUILD = "build"
    ALL = "all"


def merged(layers: LayersDirectory, part: Part, *, name: str, version: str = "") -> Bom:
    """Return what the layers of *part* hold, as the last build wrote it beside them, for the application *name*.

    ``launch`` is what an image has, ``build`` what only the build had. ``UserError``: the document of a layer is
    missing.
    """
    wanted = [one for one in layers.names() if _is_in(layers, one, part)]
    missing = [one for one in wanted if "cdx" not in layers.sbom_formats(one)]
    if missing:
        raise UserError(
            "The bill of materials is not complete.",
            cause=f"The last build wrote no {layers.sbom_path(missing[0], 'cdx').name} into {layers.path}."
            if len(missing) == 1
            else f"The last build wrote none into {layers.path} for the layers {', '.join(missing)}.",
            remedy="Build again, with this version of Layerwright.",
            reference="no-sbom",
        )
    return Bom(
        name=name,
        version=version,
        components=tuple(component for one in wanted for component in _components(layers, one)),
    )


def named(project: Project) -> tuple[str, str]:
    """Return the name and the version of the application; a path would differ from machine to machine."""
    table = project.toml("pyproject.toml").get("project", {})
    found = table if isinstance(table, dict) else {}
    name, version = found.get("name"), found.get("version")
    return (name if isinstance(name, str) and name else "application"), (
        version if isinstance(version, str) else ""
    )


def _is_in(layers: LayersDirectory, name: str, part: Part) -> bool:
    types = layers.restored(name).types
    # The stand-ins are our own scripts.
    if types is None or not (types.build or types.launch) or name == STAND_INS:
        return False
    return part is Part.ALL or types.launch is (part is Part.LAUNCH)


def read_bom(content: bytes) -> Bom:
    """Return the bill of materials in *content*, a document in JSON in either format.

    ``ValueError``: it is no such document.
    """
    try:
        document: Any = json.loads(content)
    except RecursionError as error:
        raise ReadingError("its tables are nested too deeply") from error
    is_spdx = isinstance(document, dict) and "spdxVersion" in document
    found = read_spdx(document) if is_spdx else read_cyclonedx(document)
    name, version = subject_of(document)
    return Bom(name=name, version=version, components=found)


def components_in(content: bytes, *, layer: str) -> tuple[Component, ...]:
    """Return the components in *content*, the document of the layer *layer*, each with the name of the layer.

    ``ValueError``: it is no such document.
    """
    return tuple(replace(one, notes={**one.notes, LAYER: layer}) for one in read_bom(content).components)


def _components(layers: LayersDirectory, name: str) -> Iterator[Component]:
    file = layers.sbom_path(name, "cdx")
    try:
        yield from components_in(bounded.read(file), layer=name)
    except (OSError, ValueError) as error:
        raise SiteError(
            "The bill of materials is damaged.",
            cause=f"{file}: {error}",
            remedy="Build again with --clean.",
            reference="damaged-build",
        ) from error
