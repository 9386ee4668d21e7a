"""The blocks of a compressed pack: which files each has, and where they are in the file.

After the blocks come the index, the length of each block as it is stored, the number of blocks, and the length of the
index.
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH123

from __future__ import annotations

import json
import mmap
import os
from array import array
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from zlib import crc32

from layerwright.files.trees.pack import PackError
from layerwright.files.trees.zstd import zstd_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from layerwright.files.trees.pack import Entry

__all__ = [
    "MAGIC",
    "Block",
    "Index",
    "content_of",
    "cut",
    "index_of",
    "opened",
    "parsed",
    "stored_of",
    "tail",
]

MAGIC: Final = b"layerwright blocks 1\n"
"""What a pack begins with."""
_NUMBER: Final = 8
_LEVEL: Final = 1
# A block ends where the next name says so, so that a file that is added changes the blocks beside it alone.
_FILES: Final = 64
_MOST: Final = 4 << 20
# What compressed bytes begin with, as RFC 8878 has it, "Zstandard Frames".
_COMPRESSED: Final = b"\x28\xb5\x2f\xfd"


class Block(NamedTuple):
    """The *files* of a block, the digest of their contents, and where it is in the pack."""

    files: Sequence[Entry]
    digest: str
    start: int
    stop: int


@contextmanager
def opened(file: Path) -> Iterator[mmap.mmap]:
    """Yield the contents of *file*, mapped into memory."""
    with open(file, "rb") as descriptor, mmap.mmap(descriptor.fileno(), 0, access=mmap.ACCESS_READ) as pack:
        yield pack


def cut(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the files among *entries* by block."""
    files: list[Entry] = []
    total = 0
    for entry in entries:
        if len(entry) < 3:
            continue
        name, _, size = entry
        if files and (crc32(os.fsencode(name)) % _FILES == 0 or total + size > _MOST):
            yield files
            files, total = [], 0
        files.append(entry)
        total += size
    if files:
        yield files


def tail(index: bytes, lengths: array[int]) -> bytes:
    """Return what follows the blocks, which are stored in *lengths* bytes: *index*, and where to find it."""
    stored = stored_of(index)
    return stored + lengths.tobytes() + len(lengths).to_bytes(_NUMBER) + len(stored).to_bytes(_NUMBER)


class Index(NamedTuple):
    """The text of an index, and the stored lengths of the blocks."""

    text: bytes
    lengths: array[int]


def index_of(pack: mmap.mmap) -> Index:
    """Return the index of *pack*; ``PackError``: it has none."""
    if pack[: len(MAGIC)] != MAGIC:
        raise PackError("it has another format")
    ends = len(pack) - 2 * _NUMBER
    count, length = int.from_bytes(pack[ends : ends + _NUMBER]), int.from_bytes(pack[ends + _NUMBER :])
    table = ends - count * _NUMBER
    if table - length < len(MAGIC):
        raise PackError("it is incomplete")
    lengths = array("Q")
    lengths.frombytes(pack[table:ends])
    return Index(content_of(pack[table - length : table]), lengths)


def parsed(index: Index) -> tuple[list[Entry], list[Block]]:
    """Return the entries and the blocks of *index*."""
    found, described = json.loads(index.text)
    entries = [tuple(entry) for entry in found]
    files = [entry for entry in entries if len(entry) == 3]
    blocks, at, start = [], 0, len(MAGIC)
    for (number, digest), stored in zip(described, index.lengths, strict=True):
        blocks.append(Block(files[at : at + number], digest, start, start + stored))
        at, start = at + number, start + stored
    return entries, blocks


def stored_of(content: bytes) -> bytes:
    """Return *content*, compressed if this Python has zstd."""
    zstd = zstd_module()
    return content if zstd is None else cast("bytes", zstd.compress(content, level=_LEVEL))


def content_of(stored: bytes) -> bytes:
    """Return what was *stored*; ``PackError``: it is damaged, or compressed, and this Python has no zstd."""
    if not stored.startswith(_COMPRESSED):
        return stored
    zstd = zstd_module()
    if zstd is None:
        raise PackError("this Python cannot read zstd")
    try:
        return cast("bytes", zstd.decompress(stored))
    except zstd.ZstdError as error:
        raise PackError("a block is damaged") from error
