"""A pack that is compressed in blocks, on all cores: for a cache whose size is what a platform's work on it depends on.

Its digest covers the contents, not their compression, so equal trees have equal digests with every release of zstd.
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH108, PTH123

from __future__ import annotations

import hashlib
import json
import mmap
import os
from array import array
from bisect import bisect_left
from collections import deque
from functools import partial
from importlib import import_module
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast
from zlib import crc32

from layerwright.files.trees.pack import PackError, contents_of, entries_of, restore_file, restore_folders
from layerwright.process.forks import forked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from layerwright.files.trees.pack import Entry

__all__ = ["unpack_compressed", "write_compressed"]

_MAGIC: Final = b"layerwright blocks 1\n"
# The number of blocks, and the stored length of the index.
_NUMBER: Final = 8
_LEVEL: Final = 1
# A block ends where the next name says so, so that a file that is added changes the blocks beside it alone.
_FILES: Final = 64
_MOST: Final = 4 << 20
# Less is unpacked as fast as a fork begins.
_WORTH_A_FORK: Final = 8 << 20
# Creating a file takes as long as writing so many bytes.
_WORTH_OF_A_FILE: Final = 32 << 10
# What compressed bytes begin with, as RFC 8878 has it, "Zstandard Frames".
_COMPRESSED: Final = b"\x28\xb5\x2f\xfd"
# The first is part of Python 3.14, and the second is the same for older ones.
_MODULES: Final = ("compression.zstd", "backports.zstd")


class _Block(NamedTuple):
    """The *files* of a block, the digest of their contents, and where it is in the pack."""

    files: Sequence[Entry]
    digest: str
    start: int
    stop: int


def write_compressed(tree: Path, file: Path) -> str:
    """Write the pack of *tree* to *file*; return the SHA-256 of what is in it as hexadecimal digits.

    ``PackError``: *tree* contains something that is no file, directory or symbolic link. ``OSError``: something cannot
    be read or written.
    """
    entries = entries_of(tree)
    blocks: list[tuple[int, str]] = []
    lengths = array("Q")
    with open(file, "wb") as pack:
        pack.write(_MAGIC)
        for number, digest, stored in _compressed(tree, entries):
            blocks.append((number, digest))
            lengths.append(pack.write(stored))
        index = json.dumps([entries, blocks], separators=(",", ":")).encode()
        stored = _stored(index)
        pack.write(stored)
        pack.write(lengths.tobytes())
        pack.write(len(lengths).to_bytes(_NUMBER) + len(stored).to_bytes(_NUMBER))
    return hashlib.sha256(index).hexdigest()


def unpack_compressed(file: Path, tree: Path, digest: str) -> None:
    """Create *tree*, which does not exist, from the pack *file* with *digest*.

    All files have the time that they have in an image. ``PackError``: it is another pack, or a damaged one.
    ``OSError``: it cannot be read, or *tree* cannot be written. What was written until then is left.
    """
    with (
        open(file, "rb") as opened,
        mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as pack,
    ):
        entries, blocks = _index(pack, digest)
        with restore_folders(tree, entries):
            first, *others = _shares(blocks)
            begun = [(share, forked(partial(_restore, pack, tree, share))) for share in others]
            try:
                _restore(pack, tree, first)
            finally:
                done = [(share, wait()) for share, wait in begun]
            for share, number in done:
                if number is None:
                    # A fork that has failed half-way cannot say why.
                    _restore(pack, tree, share, again=True)


def _compressed(tree: Path, entries: Iterable[Entry]) -> Iterator[tuple[int, str, bytes]]:
    """Yield each block: the number of its files, the digest of their contents, and the bytes to store."""
    # An import that an unchanged build does not need.
    from concurrent.futures import Future, ThreadPoolExecutor

    cores = len(os.sched_getaffinity(0))
    waiting: deque[tuple[int, Future[tuple[str, bytes]]]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for files in _cut(entries):
            content = b"".join(contents_of(tree, name, size) for name, _, size in files)
            waiting.append((len(files), pool.submit(_digest_and_stored, content)))
            # Not the whole tree in memory.
            while len(waiting) > 2 * cores:
                number, future = waiting.popleft()
                yield number, *future.result()
        for number, future in waiting:
            yield number, *future.result()


def _digest_and_stored(content: bytes) -> tuple[str, bytes]:
    return hashlib.sha256(content).hexdigest(), _stored(content)


def _cut(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
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


def _index(pack: mmap.mmap, digest: str) -> tuple[list[Entry], list[_Block]]:
    """Return the entries and the blocks of *pack*, which must have *digest*."""
    if pack[: len(_MAGIC)] != _MAGIC:
        raise PackError("it has another format")
    ends = len(pack) - 2 * _NUMBER
    count, length = int.from_bytes(pack[ends : ends + _NUMBER]), int.from_bytes(pack[ends + _NUMBER :])
    table = ends - count * _NUMBER
    if table - length < len(_MAGIC):
        raise PackError("it is incomplete")
    index = _content(pack[table - length : table])
    if hashlib.sha256(index).hexdigest() != digest:
        raise PackError("its digest differs")
    entries, described = json.loads(index)
    lengths = array("Q")
    lengths.frombytes(pack[table:ends])
    files = [entry for entry in entries if len(entry) == 3]
    blocks, at, start = [], 0, len(_MAGIC)
    for (number, known), stored in zip(described, lengths, strict=True):
        blocks.append(_Block(files[at : at + number], known, start, start + stored))
        at, start = at + number, start + stored
    return entries, blocks


def _shares(blocks: Sequence[_Block]) -> list[Sequence[_Block]]:
    """Return *blocks* in parts of about equal work, one for each core that is worth it, and at least one."""
    work = [sum(_WORTH_OF_A_FILE + size for *_, size in block.files) for block in blocks]
    number = max(1, min(len(os.sched_getaffinity(0)), sum(work) // _WORTH_A_FORK))
    ends = [sum(work) * part // number for part in range(1, number + 1)]
    reached = list(accumulate(work))
    cuts = [0, *(bisect_left(reached, end) + 1 for end in ends[:-1]), len(blocks)]
    return [blocks[start:stop] for start, stop in pairwise(cuts)]


def _restore(pack: mmap.mmap, tree: Path, blocks: Iterable[_Block], *, again: bool = False) -> int:
    """Write the files of *blocks*; return how many. *again*: some may be there."""
    written = 0
    for block in blocks:
        content = memoryview(_content(pack[block.start : block.stop]))
        if hashlib.sha256(content).hexdigest() != block.digest:
            raise PackError("the digest of a block differs")
        start = 0
        for name, mode, size in block.files:
            path = f"{tree}/{name}"
            if again and os.path.lexists(path):
                os.unlink(path)
            restore_file(path, mode, content[start : start + size])
            start += size
        written += len(block.files)
    return written


def _stored(content: bytes) -> bytes:
    """Return *content*, compressed if this Python has zstd."""
    zstd = _zstd()
    return content if zstd is None else cast("bytes", zstd.compress(content, level=_LEVEL))


def _content(stored: bytes) -> bytes:
    """Return what was *stored*; ``PackError``: it is damaged, or compressed, and this Python has no zstd."""
    if not stored.startswith(_COMPRESSED):
        return stored
    zstd = _zstd()
    if zstd is None:
        raise PackError("this Python cannot read zstd")
    try:
        return cast("bytes", zstd.decompress(stored))
    except zstd.ZstdError as error:
        raise PackError("a block is damaged") from error


def _zstd() -> Any:
    for name in _MODULES:
        try:
            return import_module(name)
        except ImportError:
            continue
    return None
