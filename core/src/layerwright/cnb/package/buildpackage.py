"""Buildpackages: a buildpack as an OCI image in one file, as platforms and registries accept it.

https://github.com/buildpacks/spec/blob/main/distribution.md and
https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.files.atomic import sync_directory

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator, Mapping

    from _typeshed import ReadableBuffer, SupportsWrite

    from layerwright.cnb.package.descriptor import Descriptor

__all__ = ["MODIFIED", "SUFFIX", "Buildpackage", "path_in_image", "write_buildpackage"]

SUFFIX: Final = ".cnb"
MODIFIED: Final = 315532801
"""The time of every file, as the lifecycle sets it: 1980-01-01T00:00:01Z, in seconds since the epoch."""

# Takes a third of the time of the highest level, for one per cent more bytes.
_COMPRESSION: Final = 6
_CREATED: Final = "1980-01-01T00:00:01Z"
# Any stack: platforms from before targets (Buildpack API 0.10) look for stacks, only in the labels.
_STACKS: Final = [{"id": "*"}]


@dataclass(frozen=True, kw_only=True)
class Buildpackage:
    """A written file: its size in bytes, and the digest of its image in a registry."""

    path: Path
    size: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class _Blob:
    """A file of the layout; ``diff_id`` is the digest of a layer before compression."""

    path: Path
    media_type: str
    digest: str
    diff_id: str = ""

    @property
    def descriptor(self) -> dict[str, Any]:
        return {"mediaType": self.media_type, "digest": self.digest, "size": self.path.stat().st_size}


def path_in_image(descriptor: Descriptor) -> str:
    """Return the directory of a buildpack in an image, where builders expect it."""
    return f"/cnb/buildpacks/{descriptor.id.replace('/', '_')}/{descriptor.version}"


def write_buildpackage(directory: Path, descriptor: Descriptor, path: Path, work: Path) -> Buildpackage:
    """Write the buildpack in *directory* to *path*; equal content gives equal bytes, in any place and at any time.

    *descriptor* is its buildpack.toml; the image is for its first target. *work* is an empty directory on the file
    system of *path*: an existing file at *path* is replaced last. ``ValueError``: *directory* contains a file of a
    kind that images cannot hold.
    """
    target = descriptor.targets[0]
    layer = _layer(directory, path_in_image(descriptor), work / "layer")
    config = _json_blob(
        work / "config",
        "application/vnd.oci.image.config.v1+json",
        {
            "architecture": target.arch,
            "config": {"Labels": _labels(descriptor, layer.diff_id)},
            "created": _CREATED,
            "history": [{"created": _CREATED, "created_by": "layerwright package"}],
            "os": target.os,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id]},
        },
    )
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = _json_blob(
        work / "manifest",
        media_type,
        {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": config.descriptor,
            "layers": [layer.descriptor],
        },
    )
    made = work / "layout"
    _layout(made, (layer, config, manifest), {"schemaVersion": 2, "manifests": [manifest.descriptor]})
    made.replace(path)
    sync_directory(path.parent)
    return Buildpackage(path=path, size=path.stat().st_size, digest=manifest.digest)


def _labels(descriptor: Descriptor, diff_id: str) -> dict[str, str]:
    name = {"name": descriptor.name} if descriptor.name else {}
    layer = {
        "api": descriptor.api,
        "layerDiffID": diff_id,
        "stacks": _STACKS,
        "targets": [{"os": target.os, "arch": target.arch} for target in descriptor.targets],
        **name,
    }
    package = {"id": descriptor.id, "version": descriptor.version, "stacks": _STACKS, **name}
    return {
        "io.buildpacks.buildpack.layers": _json({descriptor.id: {descriptor.version: layer}}),
        "io.buildpacks.buildpackage.metadata": _json(package),
    }


def _layer(directory: Path, place: str, path: Path) -> _Blob:
    """Write *directory* to *path* as a layer, with its files at *place* in the image."""
    import gzip
    import tarfile

    parents = [str(parent) for parent in reversed(Path(place).parents)][1:]
    with path.open("wb") as file:
        compressed = _Hashing(file)
        # No name and no time: they would differ in each run.
        with gzip.GzipFile("", "wb", _COMPRESSION, compressed, mtime=0) as stream:
            plain = _Hashing(stream)
            with tarfile.open(fileobj=plain, mode="w|", format=tarfile.PAX_FORMAT) as archive:
                for name in (*parents, place):
                    archive.addfile(_entry(name, tarfile.DIRTYPE))
                for found in _below(directory):
                    _add(archive, found, f"{place}/{found.relative_to(directory)}")
    media_type = "application/vnd.oci.image.layer.v1.tar+gzip"
    return _Blob(path=path, media_type=media_type, digest=compressed.digest, diff_id=plain.digest)


def _below(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _below(path)


def _add(archive: tarfile.TarFile, path: Path, name: str) -> None:
    import tarfile

    if path.is_symlink():
        archive.addfile(_entry(name, tarfile.SYMTYPE, link=os.fspath(path.readlink())))
    elif path.is_dir():
        archive.addfile(_entry(name, tarfile.DIRTYPE))
    elif path.is_file():
        status = path.stat()
        with path.open("rb") as file:
            archive.addfile(_entry(name, size=status.st_size, executable=bool(status.st_mode & 0o111)), file)
    else:
        raise ValueError(f"{path} is neither a file nor a directory nor a symbolic link")


def _layout(path: Path, blobs: tuple[_Blob, ...], index: Mapping[str, Any]) -> None:
    import tarfile

    # With a leading slash, as pack writes it: some releases of pack look for exactly these names.
    files = {f"/blobs/sha256/{blob.digest.partition(':')[2]}": blob.path for blob in blobs}
    texts = {"/index.json": _json(index), "/oci-layout": _json({"imageLayoutVersion": "1.0.0"})}
    with path.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in ("/blobs", "/blobs/sha256"):
                archive.addfile(_entry(name, tarfile.DIRTYPE))
            for name, blob in sorted(files.items()):
                with blob.open("rb") as content:
                    archive.addfile(_entry(name, size=blob.stat().st_size), content)
            for name, text in texts.items():
                archive.addfile(_entry(name, size=len(text)), io.BytesIO(text.encode()))
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


def _entry(
    name: str, kind: bytes = b"0", *, size: int = 0, link: str = "", executable: bool = False
) -> tarfile.TarInfo:
    import tarfile

    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname, info.mtime = kind, size, link, MODIFIED
    is_plain = kind == tarfile.REGTYPE and not executable
    info.mode = 0o644 if is_plain else 0o755
    return info


def _json_blob(path: Path, media_type: str, document: Mapping[str, Any]) -> _Blob:
    import hashlib

    content = _json(document).encode()
    path.write_bytes(content)
    return _Blob(path=path, media_type=media_type, digest=f"sha256:{hashlib.sha256(content).hexdigest()}")


def _json(document: Mapping[str, Any]) -> str:
    import json

    return json.dumps(document, sort_keys=True, separators=(",", ":"))


class _Hashing(io.RawIOBase):
    """Passes on the data that is written, and computes its digest."""

    def __init__(self, file: SupportsWrite[bytes]) -> None:
        import hashlib

        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: ReadableBuffer) -> int:
        """Write all of *data*."""
        content = bytes(data)
        self._hash.update(content)
        self._file.write(content)
        return len(content)

    @property
    def digest(self) -> str:
        """The digest of all data so far, in the notation of the image specification."""
        return f"sha256:{self._hash.hexdigest()}"
