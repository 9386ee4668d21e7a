"""Finds the base image that a name means: a layout, a file, or an image in a registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError
from layerwright.image.base.image import BaseImage, no_base
from layerwright.image.output.archived import read_archive
from layerwright.image.output.layout import read_layout
from layerwright.image.reading import NoImageError

if TYPE_CHECKING:
    from layerwright.cnb.target import Target
    from layerwright.image.image import Image

__all__ = ["LAYOUT", "find_base"]

LAYOUT: Final = "oci:"
"""The prefix of a directory in OCI layout, as skopeo and others have it."""
_ARCHIVES: Final = ("oci-archive:", "docker-archive:")


def find_base(name: str, target: Target) -> BaseImage:
    """Return the image *name* for the architecture of *target*; an image with no file if *name* is empty.

    ``UserError``: there is no such image, or it is for another architecture.
    """
    if not name:
        return no_base(target)
    image, digest = _local(name, target)
    architecture = image.platform.get("architecture")
    if architecture != target.arch:
        raise UserError(
            f"The base image {name} is for another architecture.",
            cause=f"It is for {architecture}, and this machine builds for {target.arch}.",
            remedy=f"Choose a base image for {target.os}/{target.arch}.",
            reference="base-architecture",
        )
    return BaseImage(image, "", digest)


def _local(name: str, target: Target) -> tuple[Image, str]:
    try:
        if name.startswith(LAYOUT):
            return read_layout(Path(name.removeprefix(LAYOUT)), target.arch, target.os)
        prefix = next((prefix for prefix in _ARCHIVES if name.startswith(prefix)), "")
        return read_archive(Path(name.removeprefix(prefix)), target.arch, target.os)
    except NoImageError as error:
        raise UserError(
            f"{name} cannot be used as the base image.",
            cause=f"{str(error)[0].upper()}{str(error)[1:]}.",
            remedy="Name a directory in OCI layout (oci:DIR) or an archive with an image (FILE.tar).",
            reference="no-base-image",
        ) from error
