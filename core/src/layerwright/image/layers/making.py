"""Makes the layers of an image from directories; a layer that was made before is neither read nor compressed again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Protocol

from layerwright.errors import SiteError
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.image.descriptor import LAYER, Descriptor
from layerwright.image.image import Layer
from layerwright.image.layers.tar import TIME
from layerwright.image.layers.writing import ChangedError, write_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layerwright.image.blobs import BlobDirectory
    from layerwright.image.layers.compression import Compression
    from layerwright.image.layers.tar import Member

__all__ = ["CREATED", "LayerMaker", "LayerSource"]

CREATED: Final = "1980-01-01T00:00:01Z"
"""The time of an image and of its layers, ``TIME`` as text."""
_FORMAT: Final = 1


class LayerSource(Protocol):
    """The files of a layer, before they are read.

    ``identity`` is equal for equal members, and empty if that cannot be known without reading them. ``words`` say in
    the history of the image what it is.
    """

    @property
    def identity(self) -> str:
        """What the members depend on."""
        ...

    @property
    def words(self) -> str:
        """What it is, in words."""
        ...

    def members(self) -> Iterator[tuple[Member, bytes | Path]]:
        """Yield the members of the archive; ``LayerwrightError``: the directory cannot be a layer."""
        ...


class LayerMaker:
    """Makes layers with one *compression* into *blobs*, and records in the directory *records* which ones it made.

    ``made`` are the sources of the layers that were not known from before. *told* is called with each of these layers.
    """

    def __init__(
        self,
        blobs: BlobDirectory,
        records: Path,
        compression: Compression,
        told: Callable[[Layer], None] = lambda _layer: None,
    ) -> None:
        self._blobs: Final = blobs
        self._records: Final = records
        self._compression: Final = compression
        self._told: Final = told
        self.made: Final[list[LayerSource]] = []

    def layer(self, source: LayerSource) -> Layer:
        """Return the layer of *source*."""
        record = self._record(source)
        known = self._recorded(record)
        made = known or self._write(source)
        if known is None and record is not None:
            self._records.mkdir(parents=True, exist_ok=True)
            write_checksummed(record, json.dumps([_FORMAT, *made]).encode())
        layer = Layer(
            descriptor=made.descriptor,
            diff_id=made.diff_id,
            blobs=_Made(self, source),
            history={"created": CREATED, "created_by": source.words},
        )
        if known is None:
            self.made.append(source)
            self._told(layer)
        return layer

    def open(self, source: LayerSource, descriptor: Descriptor) -> IO[bytes]:
        """Return the content of a layer that :meth:`layer` has returned; it is made again if it was removed."""
        if not self._blobs.has(descriptor):
            self._write(source)
        return self._blobs.open(descriptor)

    def _write(self, source: LayerSource) -> _Record:
        try:
            with self._blobs.draft() as (file, keep):
                written = write_archive(source.members(), file, self._compression)
                keep(written.digest)
        except (ChangedError, FileNotFoundError) as error:
            raise SiteError(
                "The files of the image changed while they were read.",
                cause=str(error),
                remedy="Build the image again when nothing writes there.",
                reference="image-files-changed",
                transient=True,
            ) from error
        return _Record(written.diff_id, written.digest, written.size, self._media_type)

    def _record(self, source: LayerSource) -> Path | None:
        if not source.identity:
            return None
        key = json.dumps([source.identity, self._compression.parameters, TIME])
        return self._records / hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:32]

    def _recorded(self, record: Path | None) -> _Record | None:
        content = None if record is None else read_checksummed(record)
        if record is None or content is None:
            return None
        form, *values = json.loads(content)
        found = _Record(*values) if form == _FORMAT else None
        for used in (record, *([self._blobs.file(found.digest)] if found else [])):
            with contextlib.suppress(OSError):
                # The time of the last use.
                os.utime(used)
        return found

    @property
    def _media_type(self) -> str:
        return LAYER + self._compression.suffix


class _Record(NamedTuple):
    diff_id: str
    digest: str
    size: int
    media_type: str

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor(self.media_type, self.digest, self.size)


class _Made:
    """The contents of one made layer."""

    def __init__(self, maker: LayerMaker, source: LayerSource) -> None:
        self._maker = maker
        self._source = source

    def open(self, descriptor: Descriptor) -> IO[bytes]:
        return self._maker.open(self._source, descriptor)
