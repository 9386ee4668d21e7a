"""Writes an archive, computes its digests, and compresses it, in one pass."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple, Self

from layerwright.image.layers.compression import PIECE, compressed
from layerwright.image.layers.tar import END, FILE, header, padding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor, Future

    from layerwright.image.layers.compression import Compression
    from layerwright.image.layers.tar import Member

__all__ = ["ChangedError", "Written", "write_archive"]

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
    with _Stream(file, compression) as stream:
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
    """An archive in *file*, whose pieces are compressed on every core meanwhile."""

    def __init__(self, file: IO[bytes], compression: Compression) -> None:
        self._file = file
        self._compression = compression
        self._plain = hashlib.sha256()
        self._stored = hashlib.sha256()
        self._size = 0
        self._pending: list[bytes] = []
        self._waiting = 0
        self._cores = len(os.sched_getaffinity(0))
        self._pool: Executor | None = None
        self._pieces: deque[Future[bytes]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def write(self, data: bytes) -> None:
        self._pending.append(data)
        self._waiting += len(data)
        while self._waiting >= PIECE:
            whole = b"".join(self._pending)
            self._pending, self._waiting = [whole[PIECE:]], len(whole) - PIECE
            self._pass_on(whole[:PIECE])

    def end(self) -> Written:
        rest = b"".join(self._pending)
        self._plain.update(rest)
        self._put(0)
        self._store(compressed(rest, self._compression))
        return Written(f"sha256:{self._plain.hexdigest()}", f"sha256:{self._stored.hexdigest()}", self._size)

    def _pass_on(self, piece: bytes) -> None:
        if self._pool is None:
            # An import that most layers do not need.
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(self._cores)
        self._pieces.append(self._pool.submit(compressed, piece, self._compression))
        self._plain.update(piece)
        # Not the whole archive in memory.
        self._put(self._cores)

    def _put(self, left: int) -> None:
        """Write the pieces in their order, until *left* are being compressed."""
        while len(self._pieces) > left:
            self._store(self._pieces.popleft().result())

    def _store(self, data: bytes) -> None:
        self._file.write(data)
        self._stored.update(data)
        self._size += len(data)
