"""Where an image is written to, as a value of ``--output``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from layerwright.errors import UserError
from layerwright.image.base.find import LAYOUT
from layerwright.image.output.archive import check_archive, image_name, write_archive_of
from layerwright.image.output.layout import check_layout, write_layout
from layerwright.image.output.place import output_error
from layerwright.image.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layerwright.image.attached.artifact import Artifact
    from layerwright.image.image import Image

__all__ = ["Output", "parse_output", "parse_push"]


class Output(NamedTuple):
    """A directory in OCI layout, or a file."""

    path: Path
    is_layout: bool

    @property
    def words(self) -> str:
        """The value of the option."""
        return f"{LAYOUT if self.is_layout else ''}{self.path}"

    def check(self) -> None:
        """Raise ``UserError`` if no image can be written there."""
        if self.is_layout:
            check_layout(self.path)
        else:
            check_archive(self.path)

    def write(self, image: Image, application: str, artifacts: Sequence[Artifact] = ()) -> None:
        """Write *image* of the *application*; in a layout, with *artifacts* that are attached to it."""
        if self.is_layout:
            write_layout(image, self.path, artifacts)
        else:
            write_archive_of(image, self.path, image_name(application))


def parse_output(value: str) -> Output:
    """Return where *value* says; ``UserError``: it is neither a layout nor an archive, or cannot be written."""
    is_layout = value.startswith(LAYOUT)
    path = value.removeprefix(LAYOUT)
    if not path or not (is_layout or value.endswith(".tar")):
        raise output_error(
            value or "an empty name",
            f"{LAYOUT} is to be followed by a directory."
            if is_layout
            else "It is neither oci:DIRECTORY nor the name of a file that ends with .tar.",
            "Pass one of these, for example: --output oci:image, or --output app.tar",
        )
    output = Output(Path(path).absolute(), is_layout=is_layout)
    output.check()
    return output


def parse_push(value: str) -> Reference:
    """Return the name *value* to push to; ``UserError``: it names no image, or one by its digest."""
    reference = Reference.parse(value)
    if reference.digest:
        raise UserError(
            f"An image cannot be pushed to {value}.",
            cause="A digest names one image for ever, and the new image has another one.",
            remedy=f"Push it to a tag, for example: {reference.registry}/{reference.repository}:latest",
            reference="image-name",
        )
    return reference
