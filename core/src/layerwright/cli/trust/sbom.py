"""``layerwright sbom``: writes a bill of materials of the built application, or of an image."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright.build.bom.merging import Part, merged, named
from layerwright.cli.application import OR_AN_IMAGE, platform
from layerwright.cli.images.bills import FORMATS, image_document
from layerwright.cli.page.writing import check_place, write_document
from layerwright.files.project import Project
from layerwright.image.base.find import names_image
from layerwright.process.boundary import usual_modes

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from layerwright.output.log import Log

__all__ = ["run"]

_MARKS: Final = {"cyclonedx": '"bomFormat"', "spdx": '"spdxVersion"'}


def run(arguments: Namespace, log: Log, environment: Mapping[str, str]) -> int:
    """Write the document to a file, or to standard output."""
    form = arguments.format
    if names_image(arguments.app):
        document = image_document(arguments, form, environment)
    else:
        local = platform(
            arguments.app, arguments.layers, environment, option=arguments.directory, otherwise=OR_AN_IMAGE
        )
        name, version = named(Project(local.app, local.tree, local.script))
        with local.complete(log) as layers:
            bom = merged(layers, Part(arguments.part), name=name, version=version)
        document = FORMATS[form](bom).decode()
    if arguments.output in (None, "-"):
        log.line(document.removesuffix("\n"))
        return 0
    file = Path(arguments.output)
    check_place(file, _MARKS[form], option="--output", words=f"a bill of materials in the format {form}")
    with usual_modes():
        write_document(file, document, option="--output")
    log.line(f"Wrote {file}")
    return 0
