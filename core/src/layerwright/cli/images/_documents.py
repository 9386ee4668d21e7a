"""The documents about an image that is built: bills of materials and provenance."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from layerwright.build.bom.merging import Part, merged, named
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.files.project import Project
from layerwright.image.attached.bills import bills
from layerwright.image.provenance.building import Asked, build_of
from layerwright.image.provenance.statement import provenance
from layerwright.image.signing.bundle import image_signature, signed

if TYPE_CHECKING:
    from layerwright.config.sources import Sources
    from layerwright.image.attached.artifact import Document
    from layerwright.image.base.image import BaseImage
    from layerwright.image.image import Image
    from layerwright.image.provenance.statement import Making
    from layerwright.image.signing.key import SigningKey
    from layerwright.local.platform import LocalPlatform
    from layerwright.output.record import Recorder

__all__ = ["complete", "documents_about"]


def documents_about(
    local: LocalPlatform,
    image: Image,
    base: BaseImage,
    sources: Sources,
    recorder: Recorder,
    key: SigningKey | None = None,
) -> tuple[Document, ...]:
    """Return the documents about *image*, which was made on *base* from the complete build of *local*.

    *recorder* has followed that build, whose configuration is in *sources*. *key* signs the provenance and the image.
    """
    layers = LayersDirectory(local.layers)
    name, version = named(Project(local.app, local.tree, local.script))
    found = bills(merged(layers, Part.LAUNCH, name=name, version=version))
    directory = os.path.relpath(local.app, local.tree).removeprefix(os.curdir)
    making = build_of(
        image,
        base,
        Asked(name, directory, sources),
        merged(layers, Part.ALL, name=name, version=version),
        recorder.record(application="", status=0),
    )
    return complete(name, image, making, found, key)


def complete(
    name: str, image: Image, making: Making, found: tuple[Document, ...], key: SigningKey | None
) -> tuple[Document, ...]:
    """Return the documents *found* about *image*, and its provenance, which names them; with *key*, also signatures."""
    made = provenance(name, image.digest, making, found)
    if key is None:
        return (*found, made)
    signature = signed(made.content, "provenance.sigstore.json", key)
    return (*found, made, signature, image_signature(name, image.digest, key))
