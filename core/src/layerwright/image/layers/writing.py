"""Writes an archive, computes its digests, and compresses it, in one pass."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from layerwright.image.layers.compression import compressor
from layerwright.image.layers.tar import END, FILE, header, padding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layerwright.image.layers.compression import Compression
    from layerwright.image.layers.tar import Member

__all__ = ["ChangedError", "Written", "write_archive"]

# Small writes are collected: a call for each header would take longer than the work.
_CHUNK: Final = 1 << 20


class ChangedError(Exception):
    """A file changed while it was read."""


class Written(NamedTuple):
    """The digest of an archive, and the digest and the size of its compressed form."""

    diff_id: str
    digest: str
    size: int


def write_archive(
    members: Iterable[tuple[Member, bytes | Path]], file: IO[bytes], compression: Compression
) -> Written:
    """Write *members*, each with its content or the file that has it, to *file*.

    ``ChangedError``: a file does not have the size of its member.
    """
    stream = _Stream(file, compression)
    for member, content in members:
        stream.write(header(member))
        if member.kind == FILE:
            if isinstance(content, Path):
                _copy(content, member.size, stream)
            else:
                stream.write(content)
            stream.write(padding(member.size))
    stream.write(END)
    return stream.end()


def _copy(path: Path, size: int, stream: _Stream) -> None:
    left = size
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            stream.write(chunk)
            if left < 0:
                break
    if left:
        raise ChangedError(f"{path} was written to meanwhile")


class _Stream:
    def __init__(self, file: IO[bytes], compression: Compression) -> None:
        self._file = file
        self._compressor = compressor(compression)
        self._plain = hashlib.sha256()
        self._compressed = hashlib.sha256()
        self._size = 0
        self._pending: list[bytes] = []
        self._waiting = 0

    def write(self, data: bytes) -> None:
        self._pending.append(data)
        self._waiting += len(data)
        if self._waiting >= _CHUNK:
            self._pass_on()

    def end(self) -> Written:
        self._pass_on()
        self._put(self._compressor.flush())
        return Written(
            f"sha256:{self._plain.hexdigest()}", f"sha256:{self._compressed.hexdigest()}", self._size
        )

    def _pass_on(self) -> None:
        data = b"".join(self._pending)
        self._pending, self._waiting = [], 0
        self._plain.update(data)
        self._put(self._compressor.compress(data))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._compressed.update(data)
        self._size += len(data)
