"""A built image as a value: its layers with every file, its configuration, its labels; and back as files."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["BUILD_METADATA", "IMAGE_TIME", "LIFECYCLE_METADATA", "Blob", "Entry", "Image"]

IMAGE_TIME: Final = 315532801
"""The modification time of everything in an image: one second into 1980, in UTC."""

LIFECYCLE_METADATA: Final = "io.buildpacks.lifecycle.metadata"
BUILD_METADATA: Final = "io.buildpacks.build.metadata"


class Entry(NamedTuple):
    """What an image has at a path: permissions as in ``0644``; a file's SHA-256, or a link's target."""

    mode: str
    kind: str
    content: str = ""


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A layer of an image: the archive at *path*, the digest of its uncompressed bytes, who made it."""

    path: Path
    diff_id: str
    created_by: str

    def entries(self) -> dict[str, Entry]:
        """Return every entry by its absolute path; ``AssertionError``: times or owners' names are recorded."""
        with tarfile.open(self.path, errors="surrogateescape") as archive:
            return {"/" + member.name.strip("/"): _entry(archive, member) for member in archive}


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image that a lifecycle exported; *log* is what its phases wrote."""

    digest: str
    blobs: tuple[Blob, ...]
    labels: Mapping[str, str]
    env: Mapping[str, str]
    entrypoint: tuple[str, ...]
    working_directory: str
    log: str = ""

    @property
    def metadata(self) -> dict[str, Any]:
        """What the lifecycle keeps in the image for the next build."""
        metadata: dict[str, Any] = json.loads(self.labels[LIFECYCLE_METADATA])
        return metadata

    @property
    def processes(self) -> dict[str, dict[str, Any]]:
        """The processes by their types."""
        metadata = json.loads(self.labels[BUILD_METADATA])
        return {process["type"]: process for process in metadata["processes"] or ()}

    def layers(self, buildpack: str) -> dict[str, str]:
        """Return the digest of each layer that *buildpack* made, by its name."""
        found: dict[str, str] = {}
        for made in self.metadata["buildpacks"]:
            if made["key"] == buildpack:
                found.update({name: layer["sha"] for name, layer in sorted(made["layers"].items())})
        return found

    def layer_metadata(self, buildpack: str, layer: str) -> object:
        """Return the metadata of *layer* as the image has it."""
        [made] = (made for made in self.metadata["buildpacks"] if made["key"] == buildpack)
        return made["layers"][layer]["data"]

    def contents(self, buildpack: str, layer: str) -> dict[str, Entry]:
        """Return every entry below *layer*'s directory, by its path relative to that; ``.`` is the directory."""
        root = f"{self.env['CNB_LAYERS_DIR']}/{buildpack.replace('/', '_')}/{layer}"
        [blob] = (blob for blob in self.blobs if blob.diff_id == self.layers(buildpack)[layer])
        entries = blob.entries()
        below = {
            path: entry for path, entry in entries.items() if path == root or path.startswith(f"{root}/")
        }
        return {os.path.relpath(path, root): entry for path, entry in sorted(below.items())}

    def tree(self) -> dict[str, Entry]:
        """Return every entry of every layer by its path; an upper layer's stands for a lower one's."""
        found: dict[str, Entry] = {}
        for blob in self.blobs:
            found.update(blob.entries())
        return found

    def place(self) -> None:
        """Put the layers and the application at the paths that they were built at, and nothing else there.

        What is elsewhere in the image is left out: it is the launcher's own.
        """
        places = [self.env["CNB_LAYERS_DIR"], self.env["CNB_APP_DIR"]]
        for place in places:
            remove(Path(place))
        for blob in self.blobs:
            with tarfile.open(blob.path, errors="surrogateescape") as archive:
                for member in archive:
                    name = "/" + member.name.strip("/")
                    if any(name == place or name.startswith(f"{place}/") for place in places):
                        _extract(archive, member, Path(name))


def remove(path: Path) -> None:
    """Remove the file or tree at *path* if there is one, whatever its directories' permissions."""
    if path.is_dir() and not path.is_symlink():
        for directory, _, _ in os.walk(path):
            Path(directory).chmod(0o700)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def files_of(entries: Mapping[str, Entry]) -> Iterable[str]:
    """Return the paths of the regular files among *entries*."""
    return [path for path, entry in entries.items() if entry.kind == "file"]


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    assert member.mtime == IMAGE_TIME or not member.isfile(), member
    assert member.uname == member.gname == "", member
    mode = f"{member.mode & 0o7777:04o}"
    if member.issym():
        return Entry(mode, "link", member.linkname)
    if member.isdir():
        return Entry(mode, "directory")
    if member.isreg():
        content = archive.extractfile(member)
        assert content is not None
        return Entry(mode, "file", hashlib.file_digest(content, "sha256").hexdigest())  # type: ignore[arg-type]
    return Entry(mode, f"type {member.type.decode()}")


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
    elif member.issym():
        path.symlink_to(member.linkname)
    elif member.isreg():
        content = archive.extractfile(member)
        assert content is not None
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)
    else:
        os.mkfifo(path)
    if not member.issym():
        # The owner may write here whatever the mode: the rest of the directory is still to come.
        path.chmod(stat.S_IMODE(member.mode) | (0o700 if member.isdir() else 0))
        os.utime(path, (IMAGE_TIME, IMAGE_TIME))
