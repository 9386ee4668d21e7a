"""``layerwright patch``: replaces the Python, and the base, of a finished image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from layerwright.build.choose.providers import providers
from layerwright.build.layers.alone import make_python
from layerwright.build.layers.names import PYTHON
from layerwright.cli.images._attaching import Attaching
from layerwright.cli.images._documents import documents_about_patch, python_components
from layerwright.cli.images._output import output_in_place, parse_output, parse_push
from layerwright.cli.images.registries import opened
from layerwright.cnb.target import Target
from layerwright.config.reading import image_settings, python_settings
from layerwright.config.sources import Sources
from layerwright.files.trees.placed import Moves
from layerwright.image.attached.find import find_with_attached
from layerwright.image.attached.publish import push_with
from layerwright.image.base.find import find_base
from layerwright.image.blobs import BlobDirectory
from layerwright.image.inspecting import layers_of
from layerwright.image.launch.labels import portable
from layerwright.image.layers.built import LAYERS, BuiltLayer
from layerwright.image.layers.compression import Compression
from layerwright.image.layers.making import LayerMaker
from layerwright.image.layers.reading import open_layer
from layerwright.image.layers.trees import Owner
from layerwright.image.patching import PatchedPython, check_patch, patched, python_of
from layerwright.image.places import parse_place
from layerwright.image.provenance.patching import Patched
from layerwright.image.settings import DEFAULT_OWNER
from layerwright.image.signing.key import PASSWORD
from layerwright.local.places import (
    IMAGE_ATTACHED,
    IMAGE_BLOBS,
    IMAGE_LAYERS,
    IMAGE_PYTHONS,
    default_cache,
    default_images,
    default_store,
)
from layerwright.process.boundary import terminable, usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from layerwright.build.bom.component import Component
    from layerwright.build.layers.alone import PythonAlone
    from layerwright.cli.images._output import Output
    from layerwright.image.attached.artifact import Document
    from layerwright.image.image import Image, Layer
    from layerwright.image.reference import Reference
    from layerwright.output.log import Log
    from layerwright.pythons.provider import Provider

__all__ = ["run"]

_AUTO: Final = ("standalone", "system")


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Replace the layers, and write the image in place of the old one or where *arguments* say."""
    name, machine = arguments.image, Target.of_this_machine()
    cache = default_cache(environment)
    images = default_images(cache)
    output, push = _destinations(arguments)
    sources = Sources({}, environment)
    settings = image_settings(sources)
    attaching = Attaching.of(arguments, settings, environment, output, push)
    environment = {key: value for key, value in environment.items() if key != PASSWORD}
    with usual_modes(), terminable(), opened(settings, environment, images, log) as registries:
        if push is not None:
            registries.check(push)
        found = find_with_attached(name, machine, registries)
        image = found.image.image
        python_of(image, name)
        base = find_base(arguments.base, machine, registries) if arguments.base else None
        python: PatchedPython | None = None
        parts: tuple[Component, ...] = ()
        if arguments.python:
            check_patch(image, name, arguments.python, "")
            sites = providers(python_settings(sources), _AUTO, environment, cache)
            store = default_store(environment, cache)
            made = _made(arguments.python, images, sites, store, log)
            python, parts = _layer(made, image, images), python_components(made)
            check_patch(image, name, arguments.python, python.bytecode)
        new = patched(image, python, base)
        documents: tuple[Document, ...] = ()
        # With nothing changed, what is attached is still right.
        if attaching.is_needed and new.digest != found.image.manifest:
            patch = Patched(found.image, parts, base)
            documents = documents_about_patch(patch, found, new, attaching.key, log)
        attaching.write(documents)
        if output is not None:
            output.write(new, output.path.stem, attaching.in_layout(new, documents))
        if push is not None:
            artifacts, required = attaching.in_registry(new, documents), attaching.is_required
            _, attached = push_with(
                registries, new, push, artifacts, images / IMAGE_ATTACHED, log.detail, is_required=required
            )
    log.heading("Image")
    if python is not None:
        log.note(f"Python {python_of(image, name)} → {python_of(new, name)}")
    if base is not None:
        log.note(f"on {arguments.base}")
    for words in (each.words for each in (output, push) if each is not None):
        log.note(f"{words}: {new.digest}")
    if push is not None:
        attaching.tell(attached, log)
    return 0


def _made(version: str, images: Path, found: Sequence[Provider], store: Path, log: Log) -> PythonAlone:
    # The distribution does not count for an interpreter.
    target = Target.of_this_machine()._replace(distro_name="", distro_version="")
    return make_python(version, _root(images, version), target, found, store, log)


def _root(images: Path, version: str) -> Path:
    return images / IMAGE_PYTHONS / version


def _layer(made: PythonAlone, image: Image, images: Path) -> PatchedPython:
    """Return the layer of the Python that was *made*, with the owner that the files of *image* have."""
    root = _root(images, made.version)
    source = BuiltLayer(
        name=PYTHON,
        path=made.path,
        contents=json.dumps(sorted(made.inputs.items())),
        moves=Moves({str(root): LAYERS}),
        owner=_owner(image),
    )
    maker = LayerMaker(BlobDirectory(images / IMAGE_BLOBS), images / IMAGE_LAYERS, _compression(image))
    return PatchedPython(maker.layer(source), portable(made.inputs), made.bytecode)


def _destinations(arguments: Namespace) -> tuple[Output | None, Reference | None]:
    """Return where the image goes: where the options say, else where it was."""
    output = None if arguments.output is None else parse_output(arguments.output)
    push = None if arguments.push is None else parse_push(arguments.push)
    if output is not None or push is not None:
        return output, push
    place = parse_place(arguments.image)
    return (None, parse_push(arguments.image)) if place is None else (output_in_place(place), None)


def _owner(image: Image) -> Owner:
    """Return the owner of the files in the layer of Python, so that equal interpreters are equal layers."""
    known = layers_of(image)
    layers = (layer for layer in image.layers if known.get(layer.diff_id, {}).get("name") == PYTHON)
    return next((owner for layer in layers for owner in _owners(layer)), DEFAULT_OWNER)


def _owners(layer: Layer) -> Iterator[Owner]:
    with open_layer(layer) as archive:
        yield from (Owner(member.uid, member.gid) for member in archive if member.isfile())


def _compression(image: Image) -> Compression:
    """Return the compression of the layers of *image*, the last of which is one of ours."""
    is_zstd = image.layers[-1].descriptor.media_type.endswith(Compression.ZSTD.suffix)
    return Compression.ZSTD if is_zstd else Compression.GZIP
