"""The documents about an image that is built or patched: bills of materials, provenance, signatures."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from layerwright.build.bom.installed import distributions, interpreter_component
from layerwright.build.bom.merging import LAYER, Part, merged, named
from layerwright.build.layers.names import PYTHON
from layerwright.cnb.layers.layer import LayersDirectory
from layerwright.files.project import Project
from layerwright.image.attached.artifact import SIGSTORE_BUNDLE
from layerwright.image.attached.bills import bill_of, bills
from layerwright.image.provenance.building import Asked, build_of
from layerwright.image.provenance.patching import patch_of, patched_bom
from layerwright.image.provenance.statement import provenance
from layerwright.image.signing.bundle import image_signature, signed
from layerwright.pythons.interpreter import Interpreter
from layerwright.pythons.provider import ARCHIVE_SHA256

if TYPE_CHECKING:
    from layerwright.build.bom.component import Component
    from layerwright.build.layers.alone import PythonAlone
    from layerwright.config.sources import Sources
    from layerwright.image.attached.artifact import Document
    from layerwright.image.attached.find import Found
    from layerwright.image.base.image import BaseImage
    from layerwright.image.image import Image
    from layerwright.image.provenance.patching import Patched
    from layerwright.image.provenance.statement import Making
    from layerwright.image.signing.key import SigningKey
    from layerwright.local.platform import LocalPlatform
    from layerwright.output.log import Log
    from layerwright.output.record import Recorder

__all__ = ["documents_about", "documents_about_patch", "python_components"]


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
    return _complete(name, image, making, found, key)


def documents_about_patch(
    patch: Patched, found: Found, image: Image, key: SigningKey | None, log: Log
) -> tuple[Document, ...]:
    """Return the documents about *image*, which *patch* has made of the image that was *found*; *key* signs them.

    *log* gets what the image before had, and this one does not.
    """
    bom = bill_of(found, "application")
    if bom is None:
        log.warning("The image had no bill of materials, so the new one has none.")
    is_signed = any(each.media_type == SIGSTORE_BUNDLE for each in found.attached)
    if is_signed and key is None:
        log.warning("The image was signed, and the new one is not. To sign it, pass --key FILE.")
    bills_now = bills(patched_bom(bom, patch)) if bom is not None else ()
    return _complete(
        bom.name if bom is not None else "application", image, patch_of(patch, image), bills_now, key
    )


def python_components(made: PythonAlone) -> tuple[Component, ...]:
    """Return what is in the layer of Python that was *made* alone."""
    interpreter = Interpreter(version=made.version, prefix=made.path)
    found = (
        interpreter_component(interpreter, made.inputs.get(ARCHIVE_SHA256, "")),
        *distributions(interpreter.site_packages(made.path), made.version),
    )
    return tuple(replace(one, notes={**one.notes, LAYER: PYTHON}) for one in found)


def _complete(
    name: str, image: Image, making: Making, found: tuple[Document, ...], key: SigningKey | None
) -> tuple[Document, ...]:
    """Return the documents *found* about *image*, and its provenance, which names them; with *key*, also signatures."""
    made = provenance(name, image.digest, making, found)
    if key is None:
        return (*found, made)
    signature = signed(made.content, "provenance.sigstore.json", key)
    return (*found, made, signature, image_signature(name, image.digest, key))
