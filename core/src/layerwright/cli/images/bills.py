"""The bill of materials of an image, for ``layerwright sbom``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.merging import Part
from layerwright.build.bom.spdx import spdx
from layerwright.cli.images.registries import opened
from layerwright.cnb.target import Target
from layerwright.config.reading import image_settings
from layerwright.config.sources import Sources
from layerwright.errors import UserError
from layerwright.image.attached.bills import attached_bill, bill_of
from layerwright.image.attached.find import find_with_attached
from layerwright.local.places import default_cache, default_images
from layerwright.output.aside import log_aside

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

__all__ = ["FORMATS", "image_document"]

FORMATS: Final = {"cyclonedx": cyclonedx, "spdx": spdx}
"""The writer of each format."""


def image_document(arguments: Namespace, form: str, environment: Mapping[str, str]) -> str:
    """Return the bill of materials of the image in *arguments*, in the format *form*.

    ``UserError``: there is no such image, it has none, or *arguments* ask for what no image has.
    """
    name = arguments.app
    _check(arguments)
    images = default_images(default_cache(environment))
    # The standard output may be for the document alone.
    log = log_aside(environment)
    with opened(image_settings(Sources({}, environment)), environment, images, log) as registries:
        found = find_with_attached(name, Target.of_this_machine(), registries)
        attached = attached_bill(found, form)
        bom = bill_of(found, name) if attached is None else None
    if attached is not None:
        return attached.decode(errors="replace")
    if bom is None:
        raise UserError(
            f"{name} has no bill of materials.",
            cause="None is attached to it, and its layers bring none.",
            remedy="Build the image again, with this version of Layerwright: layerwright image attaches one to what it"
            " pushes, and with --attach to what it writes into a directory; the buildpack puts one into the image.",
            reference="no-sbom",
        )
    return FORMATS[form](bom).decode()


def _check(arguments: Namespace) -> None:
    given = {"--layers": arguments.layers, "--app": arguments.directory}
    wrong = [option for option, value in given.items() if value is not None]
    if Part(arguments.part) is not Part.LAUNCH:
        wrong.append(f"--part {arguments.part}")
    if wrong:
        raise UserError(
            f"{wrong[0]} is not about an image.",
            cause=f"{arguments.app} is an image, which has no layers but those that are there at launch.",
            remedy=f"Leave out {wrong[0]}, or pass the directory of the application.",
            reference="sbom-of-image",
        )
