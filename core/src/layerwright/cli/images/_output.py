"""Where an image is written to, as a value of ``--output``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from layerwright.errors import UserError
from layerwright.image.base.find import LAYOUT
from layerwright.image.output.archive import image_name, write_archive_of
from layerwright.image.output.layout import write_layout

if TYPE_CHECKING:
    from layerwright.image.image import Image

__all__ = ["Output", "parse_output"]


class Output(NamedTuple):
    """A directory in OCI layout, or a file."""

    path: Path
    is_layout: bool

    @property
    def words(self) -> str:
        """The value of the option."""
        return f"{LAYOUT if self.is_layout else ''}{self.path}"

    def write(self, image: Image, application: str) -> None:
        """Write *image* of the *application*."""
        if self.is_layout:
            write_layout(image, self.path)
        else:
            write_archive_of(image, self.path, image_name(application))


def parse_output(value: str | None) -> Output | None:
    """Return where *value* says; ``UserError``: it is neither a layout nor an archive."""
    if value is None:
        return None
    if value.startswith(LAYOUT):
        return Output(Path(value.removeprefix(LAYOUT)).absolute(), is_layout=True)
    if value.endswith(".tar"):
        return Output(Path(value).absolute(), is_layout=False)
    raise UserError(
        f"The image cannot be written to {value}.",
        cause="It is neither oci:DIRECTORY nor the name of a file that ends with .tar.",
        remedy="Pass one of these, for example: --output oci:image, or --output app.tar",
        reference="image-output",
    )
