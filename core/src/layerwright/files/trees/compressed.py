"""A pack that is compressed in blocks, on several cores: the size of a cache decides how long a platform works on it.

Its digest covers the contents, not their compression, so equal trees have equal digests with every release of zstd.
"""

# Tens of thousands of files: plain strings are faster than paths.
# ruff: noqa: PTH108, PTH123

from __future__ import annotations

import hashlib
import json
import os
from array import array
from bisect import bisect_left
from collections import deque
from contextlib import ExitStack
from functools import partial
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from layerwright.files.trees._blocks import MAGIC, content_of, cut, index_of, opened, parsed, stored_of, tail
from layerwright.files.trees.pack import (
    PackError,
    contents_of,
    entries_of,
    is_folder_entry,
    restore_file,
    restore_folders,
)
from layerwright.files.trees.unpacked import unpacked_from
from layerwright.process.forks import forked

if TYPE_CHECKING:
    import mmap
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from layerwright.files.trees._blocks import Block
    from layerwright.files.trees.pack import Entry
    from layerwright.files.trees.unpacked import Unpacked

__all__ = ["unpack_compressed", "write_compressed"]

# Less is unpacked as fast as a fork begins.
_WORTH_A_FORK: Final = 8 << 20
# A container may be allowed less than the cores that it sees, and what waits for each is in memory.
_MOST_CORES: Final = 4
# Creating a file takes as long as writing so many bytes.
_WORTH_OF_A_FILE: Final = 32 << 10


def write_compressed(tree: Path, file: Path, *, before: Unpacked | None = None) -> str:
    """Write the pack of *tree* to *file*; return the SHA-256 of what is in it as hexadecimal digits.

    *before* is the state in which *tree* was unpacked. What has not changed since is copied from its pack, unread.
    ``PackError``: *tree* contains something that is no file, directory or symbolic link, or that pack is damaged.
    ``OSError``: something cannot be read or written.
    """
    entries = entries_of(tree)
    blocks: list[tuple[int, str]] = []
    lengths = array("Q")
    with open(file, "wb") as pack, ExitStack() as stack:
        unchanged = _Unchanged(before, stack.enter_context(opened(before.file))) if before else None
        pack.write(MAGIC)
        for number, digest, stored in _blocks_of(tree, entries, unchanged):
            blocks.append((number, digest))
            lengths.append(pack.write(stored))
        index = json.dumps([entries, blocks], separators=(",", ":")).encode()
        pack.write(tail(index, lengths))
    return hashlib.sha256(index).hexdigest()


def unpack_compressed(file: Path, tree: Path, digest: str) -> Unpacked:
    """Create *tree*, which does not exist, from the pack *file* with *digest*; return its state.

    All files have the time that they have in an image. ``PackError``: it is another pack, or a damaged one.
    ``OSError``: it cannot be read, or *tree* cannot be written. What was written until then is left.
    """
    with opened(file) as pack:
        index = index_of(pack)
        if hashlib.sha256(index.text).hexdigest() != digest:
            raise PackError("its digest differs")
        entries, blocks = parsed(index)
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
    return unpacked_from(file, tree, entries)


class _Unchanged:
    """The blocks of *pack* whose files are as they were unpacked from it, in the state *before*."""

    def __init__(self, before: Unpacked, pack: mmap.mmap) -> None:
        self._before: Final = before
        self._pack: Final = pack
        self._blocks: Final = {tuple(block.files): block for block in parsed(index_of(pack))[1]}
        # A directory that was moved to the place of another can have files that have not changed.
        in_place = before.folders_in_place()
        self._folders: Final = {
            entry[0]: entry for entry in before.entries if is_folder_entry(entry) and entry[0] in in_place
        }
        self._known: Final[dict[str, bool]] = {}

    def find(self, files: Sequence[Entry]) -> tuple[str, bytes] | None:
        """Return the digest and the stored bytes of the block of *files*; ``None``: a file may have changed."""
        block = self._blocks.get(tuple(files))
        if block is None:
            return None
        folders = {entry[0].rpartition("/")[0] for entry in files}
        if not all(map(self._is_known, folders)) or not all(map(self._before.has, files)):
            return None
        return block.digest, self._pack[block.start : block.stop]

    def _is_known(self, folder: str) -> bool:
        if folder not in self._known:
            self._known[folder] = folder in self._folders and self._before.has(self._folders[folder])
        return self._known[folder]


def _blocks_of(
    tree: Path, entries: Iterable[Entry], unchanged: _Unchanged | None
) -> Iterator[tuple[int, str, bytes]]:
    """Yield each block: the number of its files, the digest of their contents, and the bytes to store."""
    # An import that an unchanged build does not need.
    from concurrent.futures import ThreadPoolExecutor

    cores = _cores()
    waiting: deque[tuple[int, Callable[[], tuple[str, bytes]]]] = deque()
    with ThreadPoolExecutor(cores) as pool:
        for files in cut(entries):
            found = unchanged.find(files) if unchanged else None
            if found is None:
                content = b"".join(contents_of(tree, name, size) for name, _, size in files)
                waiting.append((len(files), pool.submit(_digest_and_stored, content).result))
            else:
                waiting.append((len(files), partial(_same, found)))
            # Not the whole tree in memory.
            while len(waiting) > 2 * cores:
                number, result = waiting.popleft()
                yield number, *result()
        for number, result in waiting:
            yield number, *result()


def _same(found: tuple[str, bytes]) -> tuple[str, bytes]:
    return found


def _digest_and_stored(content: bytes) -> tuple[str, bytes]:
    return hashlib.sha256(content).hexdigest(), stored_of(content)


def _cores() -> int:
    return min(_MOST_CORES, len(os.sched_getaffinity(0)))


def _shares(blocks: Sequence[Block]) -> list[Sequence[Block]]:
    """Return *blocks* in parts of about equal work, one for each core that is worth it, and at least one."""
    work = [sum(_WORTH_OF_A_FILE + size for *_, size in block.files) for block in blocks]
    number = max(1, min(_cores(), sum(work) // _WORTH_A_FORK))
    ends = [sum(work) * part // number for part in range(1, number + 1)]
    reached = list(accumulate(work))
    cuts = [0, *(bisect_left(reached, end) + 1 for end in ends[:-1]), len(blocks)]
    return [blocks[start:stop] for start, stop in pairwise(cuts)]


def _restore(pack: mmap.mmap, tree: Path, blocks: Iterable[Block], *, again: bool = False) -> int:
    """Write the files of *blocks*; return how many. *again*: some may be there."""
    written = 0
    for block in blocks:
        content = memoryview(content_of(pack[block.start : block.stop]))
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
