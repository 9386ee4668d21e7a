"""Where an image is written to, as a value of ``--output``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.errors import UserError
from layerwright.image.blobs import DigestError
from layerwright.image.output.archive import check_archive, image_name, write_archive_of
from layerwright.image.output.layout import check_layout, write_layout
from layerwright.image.output.naming import Names, names_at
from layerwright.image.output.place import output_error
from layerwright.image.places import Form, Place, parse_place
from layerwright.image.reading import DamagedImageError
from layerwright.image.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.image.attached.artifact import Artifact
    from layerwright.image.image import Image

__all__ = ["Output", "output_in_place", "parse_output", "parse_push"]

_FORMS: Final = "Pass one of these, for example: --output oci:image, or --output app.tar"


class Output(NamedTuple):
    """The files that an image is written to, with the *names* that it gets there, as far as they are known."""

    place: Place
    names: Names = Names()

    @property
    def path(self) -> Path:
        """The directory or the file."""
        return self.place.path

    @property
    def is_layout(self) -> bool:
        """Whether it is a directory."""
        return self.place.is_layout

    @property
    def is_archive(self) -> bool:
        """Whether engines load it."""
        return self.place.form in (Form.ARCHIVE, Form.DOCKER_ARCHIVE)

    @property
    def words(self) -> str:
        """The value of the option."""
        return self.place.words

    def write(self, image: Image, application: str, artifacts: Sequence[Artifact] = ()) -> None:
        """Write *image* of the *application*; in a layout, with *artifacts* that are attached to it.

        ``DamagedImageError``: a layer of its base, or of the image before, is damaged.
        """
        try:
            if self.place.is_layout:
                write_layout(image, self.path, artifacts, name=self.names.layout)
            else:
                name = self.names.engine or image_name(application)
                write_archive_of(image, self.path, name, self.names.layout)
        except DigestError as error:
            raise DamagedImageError(f"The layer {error}.") from error


def parse_output(value: str) -> Output:
    """Return where *value* says; ``UserError``: it names no files, or they cannot be written."""
    place = parse_place(value)
    if place is None or (place.form is Form.ARCHIVE and place.path.suffix != ".tar"):
        cause = "It is neither oci:DIRECTORY nor the name of a file that ends with .tar."
        raise output_error(value or "an empty name", cause, _remedy(value, place))
    return Output(_writable(place), _names(place))


def output_in_place(place: Place) -> Output:
    """Return where the image at *place* is, with its names; ``UserError``: another one cannot be written there."""
    if place.form is Form.ARCHIVE and place.path.suffix != ".tar":
        raise output_error(
            place.words,
            "The file is compressed as a whole, or does not end with .tar. Images are written with compressed layers.",
            "Write another file: --output FILE.tar",
        )
    return Output(_writable(place), _names(place) if place.name else names_at(place))


def parse_push(value: str) -> Reference:
    """Return the name *value* to push to; ``UserError``: it names no image in a registry, or one by its digest."""
    if parse_place(value) is not None:
        raise UserError(
            f"An image cannot be pushed to {value}.",
            cause="It names files, and not an image in a registry.",
            remedy=(
                f"If files are meant: --output {value}",
                "If a registry is meant, begin with its name, for example: registry.example.com/team/app:1.2",
            ),
            reference="image-name",
        )
    reference = Reference.parse(value)
    if reference.digest:
        raise UserError(
            f"An image cannot be pushed to {value}.",
            cause="A digest names one image for ever, and the new image has another one.",
            remedy=f"Push it to a tag, for example: {reference.registry}/{reference.repository}:latest",
            reference="image-name",
        )
    return reference


def _writable(place: Place) -> Place:
    if place.is_layout:
        check_layout(place.path)
    else:
        check_archive(place.path)
    return place


def _names(place: Place) -> Names:
    """Return the name that the user has given to the image at *place*."""
    if place.form is not Form.DOCKER_ARCHIVE or not place.name:
        return Names(layout=place.name)
    given = Reference.parse(place.name)
    has_tag = place.name.endswith(f":{given.tag}")
    return Names(engine=place.name if has_tag else f"{place.name}:{given.tag}")


def _remedy(value: str, place: Place | None) -> str:
    if place is None and "/" in value:
        return f"{_FORMS}. If it is the name of an image in a registry: --push {value}"
    return _FORMS
