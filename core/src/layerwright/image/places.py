"""Images in files, as their names are written: those of skopeo and podman, and paths."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from layerwright.errors import UserError

__all__ = ["Form", "Place", "is_archive", "parse_place"]

_PATH: Final = ("/", "./", "../", "~/")
_ARCHIVE: Final = re.compile(r".+\.(tar(\.(gz|bz2|xz|zst))?|tgz|tbz2?|txz)")
# The places of skopeo and podman that only an engine reads.
_FOREIGN: Final = {
    "containers-storage": "podman save --format oci-archive --output image.tar NAME",
    "dir": "skopeo copy dir:DIR oci:image",
    "docker-daemon": "docker save --output image.tar NAME",
    "ostree": "skopeo copy ostree:NAME oci:image",
    "sif": "skopeo copy sif:FILE oci:image",
    "tarball": "skopeo copy tarball:FILE oci:image",
}


class Form(StrEnum):
    """A form of images in files; its value is the prefix of names, without the colon."""

    LAYOUT = "oci"
    OCI_ARCHIVE = "oci-archive"
    DOCKER_ARCHIVE = "docker-archive"
    ARCHIVE = ""
    """An archive of either kind."""


class Place(NamedTuple):
    """Where an image is: the directory or the file *path*, and its *name* in there, empty if none is given."""

    path: Path
    form: Form
    name: str = ""

    @property
    def is_layout(self) -> bool:
        """Whether it is a directory."""
        return self.form is Form.LAYOUT

    @property
    def words(self) -> str:
        """The complete name."""
        return f"{self.form}{':' * bool(self.form)}{self.path}{':' * bool(self.name)}{self.name}"


def parse_place(text: str) -> Place | None:
    """Return the files that *text* names; ``None`` if it is the name of an image in a registry.

    ``UserError``: it names a place that only an engine reads, or none.
    """
    prefix, colon, rest = text.partition(":")
    if colon and prefix in _FOREIGN:
        raise UserError(
            f"{text} is at a place that is not supported.",
            cause=f"{prefix}: is a place that only its own tools read and write.",
            remedy=(
                f"Get the image there into files: {_FOREIGN[prefix]}",
                "Write an image into files, --output image.tar, and load it there with these tools.",
            ),
            reference="image-name",
        )
    if colon and prefix in (Form.LAYOUT, Form.OCI_ARCHIVE, Form.DOCKER_ARCHIVE):
        where, name = _split(rest)
        if not where:
            raise UserError(
                f"{text} names no image.",
                cause=f"A {'directory' if prefix == Form.LAYOUT else 'file'} must follow {prefix}:",
                remedy="Write it as oci:DIR, oci-archive:FILE or docker-archive:FILE, or with :NAME behind it.",
                reference="image-name",
            )
        return Place(_absolute(where), Form(prefix), name)
    if text.startswith(_PATH) or is_archive(Path(text)):
        path = _absolute(text)
        is_directory = path.is_dir() and not is_archive(path)
        return Place(path, Form.LAYOUT if is_directory else Form.ARCHIVE)
    return None


def is_archive(path: Path) -> bool:
    """Return whether the name of *path* is that of an archive."""
    return _ARCHIVE.fullmatch(path.name) is not None


def _split(text: str) -> tuple[str, str]:
    """Return the path and the name in *text*: the first colon separates them, except in a path that exists."""
    if Path(text).expanduser().exists():
        return text, ""
    end = len(text)
    # Colons in the names of existing directories are part of the path.
    while (end := text.rfind("/", 0, end)) > 0 and not Path(text[:end]).expanduser().is_dir():
        pass
    colon = text.find(":", max(end, 0))
    return (text, "") if colon < 0 else (text[:colon], text[colon + 1 :])


def _absolute(path: str) -> Path:
    # A shell does not expand a path behind a prefix.
    return Path(path).expanduser().absolute()
