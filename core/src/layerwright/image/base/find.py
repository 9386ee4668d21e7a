"""Finds the base image that a name means: a layout, a file, or an image in a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.errors import UserError
from layerwright.image.base.image import BaseImage, no_base
from layerwright.image.output.archived import read_archive
from layerwright.image.output.layout import read_layout
from layerwright.image.places import is_archive, parse_place
from layerwright.image.reading import NoImageError
from layerwright.image.reference import PREFIX, Reference

if TYPE_CHECKING:
    from layerwright.cnb.target import Target
    from layerwright.image.places import Place
    from layerwright.image.registry.registries import Registries

__all__ = ["find_base", "find_image", "names_image"]


def find_base(name: str, target: Target, registries: Registries) -> BaseImage:
    """Return the image *name* for the architecture of *target*; an image with no file if *name* is empty.

    *registries* are asked for a name that is neither a layout nor a file. ``UserError``: there is no such image, or it
    is for another architecture.
    """
    if not name:
        return no_base(target)
    try:
        found = find_image(name, target, registries)
    except UserError as error:
        if error.reference != "no-image":
            raise
        raise UserError(
            f"{name} cannot be used as the base image.",
            cause=error.cause,
            remedy=error.remedy,
            reference="no-base-image",
        ) from error
    architecture = found.image.platform.get("architecture")
    if architecture != target.arch:
        raise UserError(
            f"The base image {name} is for another architecture.",
            cause=f"It is for {architecture}, and this machine builds for {target.arch}.",
            remedy=f"Choose a base image for {target.os}/{target.arch}.",
            reference="base-architecture",
        )
    return found


def find_image(name: str, target: Target, registries: Registries) -> BaseImage:
    """Return the image *name*, that for *target* if there are several; ``UserError``: there is none."""
    place = parse_place(name)
    try:
        return _remote(name, target, registries) if place is None else _local(place, target)
    except NoImageError as error:
        words = str(error)
        raise UserError(
            f"There is no image {name}.",
            cause=f"{words[:1].upper()}{words[1:]}.",
            remedy="Name a directory in OCI layout (oci:DIR), an archive (FILE.tar), or an image in a registry.",
            reference="no-image",
        ) from error


def names_image(name: str) -> bool:
    """Return whether *name*, where a path may stand as well, means an image: it is no path, and names a registry."""
    place = parse_place(name)
    if place is not None:
        # Other paths are those of applications.
        return name.startswith(f"{place.form}:") or is_archive(place.path)
    host, slash, _ = name.partition("/")
    is_host = "." in host.strip(".") or ":" in host or host == "localhost"
    return name.startswith(PREFIX) or (bool(slash) and is_host and not Path(name).exists())


def _local(place: Place, target: Target) -> BaseImage:
    read = read_layout if place.is_layout else read_archive
    image, digest = read(place.path, target.arch, target.os, place.name)
    return BaseImage(image, "", digest, manifest=digest)


def _remote(name: str, target: Target, registries: Registries) -> BaseImage:
    reference = Reference.parse(name)
    pulled = registries.pull(reference, target.arch, target.os)
    return BaseImage(pulled.image, reference.words, pulled.digest, manifest=pulled.manifest)
