"""An entry of stored bytecode: numbered files, with a description that shows whether they were changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.checksummed import checksummed, read_checksummed
from layerwright.files.trees.seal import altered_since, seal_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Sealed", "contents_of", "is_altered", "read_sealed", "write_sealed"]

_ENTRY: Final = "entry"
_CONTENTS: Final = "contents"


class Sealed(NamedTuple):
    """The description: the distribution, the version of Python, the numbers of the files, and their seal."""

    label: str
    python: str
    numbers: tuple[int, ...]
    seal: bytes


def contents_of(directory: Path) -> Path:
    """Return the directory of the numbered files of the entry *directory*."""
    return directory / _CONTENTS


def write_sealed(directory: Path, *, label: str, python: str, numbers: Iterable[int]) -> None:
    """Write the description of the complete entry *directory*.

    It is not synced: with its checksum, a reader notices that it was lost, and hundreds are written at once.
    """
    head = json.dumps((label, python, tuple(numbers))).encode()
    (directory / _ENTRY).write_bytes(checksummed(head + b"\n" + seal_of(contents_of(directory))))


def read_sealed(directory: Path) -> Sealed | None:
    """Return the description in *directory*; ``None`` if it does not exist or is damaged."""
    content = read_checksummed(directory / _ENTRY)
    if not content:
        return None
    head, _, seal = content.partition(b"\n")
    label, python, numbers = json.loads(head)
    return Sealed(label, python, tuple(numbers), seal)


def is_altered(directory: Path, sealed: Sealed) -> bool:
    """Return whether files of the entry *directory* were changed, or removed, since it was sealed."""
    try:
        return bool(altered_since(contents_of(directory), sealed.seal))
    except FileNotFoundError:
        return True
