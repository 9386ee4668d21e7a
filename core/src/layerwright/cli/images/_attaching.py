"""Where the documents about an image go: attached to it, or into files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from layerwright.image.attached.artifact import Artifact
from layerwright.image.output.documents import check_documents, write_documents

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from layerwright.cli.images._output import Output
    from layerwright.config.reading import ImageSettings
    from layerwright.image.attached.artifact import Document
    from layerwright.image.attached.publish import Attached
    from layerwright.image.image import Image
    from layerwright.image.reference import Reference
    from layerwright.output.log import Log

__all__ = ["RECORDS", "Attaching"]

RECORDS: Final = "attached"
"""The directory, in that of images, with what was attached before."""


class Attaching(NamedTuple):
    """Where documents go: the *directory* for files, ``None`` if there is none, and what they are attached to.

    *is_required*: it is an error if a registry does not take them, because the user asked for it.
    """

    directory: Path | None
    to_registry: bool
    to_layout: bool
    is_required: bool

    @classmethod
    def of(
        cls, arguments: Namespace, settings: ImageSettings, output: Output | None, name: Reference | None
    ) -> Self:
        """Return what *arguments* and *settings* say for the places of an image: *output* and *name*.

        ``UserError``: nothing can be written into the directory.
        """
        choice = arguments.attach or settings.attach
        directory = None if arguments.documents is None else Path(arguments.documents).absolute()
        if directory is not None:
            check_documents(directory)
        return cls(
            directory,
            to_registry=name is not None and choice != "never",
            to_layout=output is not None and output.is_layout and choice == "always",
            is_required=choice == "always",
        )

    @property
    def is_needed(self) -> bool:
        """Whether any document goes anywhere."""
        return self.directory is not None or self.to_registry or self.to_layout

    def write(self, documents: Sequence[Document]) -> None:
        """Write *documents* into the directory, if there is one."""
        if self.directory is not None:
            write_documents(self.directory, documents)

    def in_layout(self, image: Image, documents: Sequence[Document]) -> tuple[Artifact, ...]:
        """Return the *documents* as they are attached to *image* in a layout."""
        return _attached(image, documents) if self.to_layout else ()

    def in_registry(self, image: Image, documents: Sequence[Document]) -> tuple[Artifact, ...]:
        """Return the *documents* as they are attached to *image* in a registry."""
        return _attached(image, documents) if self.to_registry else ()

    def tell(self, attached: Attached, log: Log) -> None:
        """Log what was attached in a registry, or why nothing was."""
        if attached.refused is not None:
            log.warning(
                f"The documents about the image are not attached to it. {attached.refused.summary}\n"
                f"{attached.refused.cause}\n"
                "Pass --documents DIR to get them as files, and --no-attach to end this warning."
            )
        elif attached.sent:
            where = (
                f" The registry keeps no list of them; the tag {attached.tag} does." if attached.tag else ""
            )
            log.note(f"Attached {attached.sent} document{'s' if attached.sent > 1 else ''}.{where}")


def _attached(image: Image, documents: Sequence[Document]) -> tuple[Artifact, ...]:
    return tuple(Artifact(document=each, subject=image.descriptor) for each in documents)
