"""Where the documents about an image go: attached to it, or into files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from layerwright.errors import UserError
from layerwright.image.attached.artifact import Artifact
from layerwright.image.output.documents import check_documents, write_documents
from layerwright.image.signing.key import load_key

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from layerwright.cli.images._output import Output
    from layerwright.config.reading import ImageSettings
    from layerwright.image.attached.artifact import Document
    from layerwright.image.attached.publish import Attached
    from layerwright.image.image import Image
    from layerwright.image.reference import Reference
    from layerwright.image.signing.key import SigningKey
    from layerwright.output.log import Log

__all__ = ["Attaching"]


class Attaching(NamedTuple):
    """Where documents go: the *directory* for files, ``None`` if there is none, and what they are attached to.

    *is_required*: it is an error if a registry does not take them, because the user asked for it. *key* signs them.
    """

    directory: Path | None
    to_registry: bool
    to_layout: bool
    is_required: bool
    key: SigningKey | None
    key_file: Path | None

    @classmethod
    def of(
        cls,
        arguments: Namespace,
        settings: ImageSettings,
        environment: Mapping[str, str],
        output: Output | None,
        name: Reference | None,
    ) -> Self:
        """Return what *arguments* and *settings* say for the places of an image: *output* and *name*.

        The password of the key is in *environment*. ``UserError``: nothing can be written into the directory, the key
        cannot sign, or what the user asked for would be nowhere.
        """
        choice = arguments.attach or settings.attach
        directory = None if arguments.documents is None else Path(arguments.documents).resolve()
        if directory is not None:
            check_documents(directory)
        to_registry = name is not None and choice != "never"
        to_layout = output is not None and output.is_layout and choice == "always"
        named = arguments.key or settings.key
        file = Path(named).resolve() if named else None
        is_somewhere = directory is not None or to_registry or to_layout
        if arguments.key and not is_somewhere:
            raise UserError(
                "The signature would be nowhere.",
                cause="Nothing is attached to the image, and no documents are written.",
                remedy="Pass --push NAME, --output oci:DIR with --attach, or --documents DIR; or leave out --key.",
                reference="signature-nowhere",
            )
        if arguments.attach == "always" and not (to_registry or to_layout):
            raise UserError(
                "Nothing can be attached to the image.",
                cause="It goes to neither a registry nor a directory in OCI layout.",
                remedy="Pass --documents DIR to get the documents as files; or leave out --attach.",
                reference="attachment-nowhere",
            )
        key = load_key(file, environment) if file is not None and is_somewhere else None
        is_required = choice == "always" or key is not None
        return cls(directory, to_registry, to_layout, is_required, key, file)

    @property
    def places(self) -> tuple[Path, ...]:
        """The paths that are no part of any image."""
        return tuple(path for path in (self.directory, self.key_file) if path is not None)

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
