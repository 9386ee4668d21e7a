"""The entries of the store: directories that are complete once they have their name."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright import __version__
from layerwright.build._decide import SCHEMA
from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.files.mentions import mentions
from layerwright.files.removal import remove_tree
from layerwright.files.trees.placed import Placed

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.build._decide import LayerSpec

__all__ = [
    "CONTENTS",
    "LEFT",
    "SEAL",
    "Entry",
    "draft_in",
    "name_of",
    "read_entry",
    "remove_entry",
    "sweep",
    "write_entry",
]

CONTENTS: Final = "contents"
SEAL: Final = "seal"
_ENTRY: Final = "entry"
_FORMAT: Final = "1"
# No build takes as long: what is older was left by one that was killed.
_LEFT_AFTER: Final = 24 * 60 * 60
LEFT: Final = "."


class Entry(NamedTuple):
    """A stored layer: what it is, its size in bytes, and what in it depends on the layers directory *root*.

    ``identity`` is another one each time the entry is written.
    """

    identity: str
    label: str
    size: int
    root: str
    placed: Placed


def name_of(spec: LayerSpec, root: Path) -> str:
    """Return the name of the entry for *spec*: the same for equal inputs in every layers directory *root*."""
    pattern = mentions([os.fspath(root)])

    def portable(text: str) -> str:
        return os.fsdecode(pattern.sub(b"{layers}", os.fsencode(text)))

    inputs = sorted((name, portable(value)) for name, value in spec.inputs.items())
    key = json.dumps([_FORMAT, __version__, SCHEMA, spec.name, inputs])
    return f"{spec.name}-{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()[:24]}"


def label_of(spec: LayerSpec) -> str:
    """Return what *spec* makes, in words: ``Python 3.13.1``."""
    versions = (
        f"{match[1]} {v}" for k, v in spec.inputs.items() if (match := re.fullmatch("(.*) version", k))
    )
    return next(versions, spec.name)


def write_entry(directory: Path, spec: LayerSpec, *, size: int, root: Path, placed: Placed) -> None:
    """Write the description of a stored layer into *directory*. ``OSError``: it cannot be written."""
    entry = Entry(os.urandom(16).hex(), label_of(spec), size, os.fspath(root), placed)
    write_checksummed(directory / _ENTRY, json.dumps(entry).encode(errors="surrogateescape"))


def read_entry(directory: Path) -> Entry | None:
    """Return the description in *directory*; ``None`` if it does not exist or is damaged."""
    content = read_checksummed(directory / _ENTRY)
    if content is None:
        return None
    identity, label, size, root, placed = json.loads(content)
    return Entry(identity, label, size, root, Placed(*map(tuple, placed)))


def remove_entry(directory: Path) -> None:
    """Remove the entry *directory*, if it exists, with one rename before its files are deleted."""
    left = draft_in(directory.parent)
    with contextlib.suppress(FileNotFoundError):
        directory.rename(left)
        remove_tree(left)


def draft_in(store: Path) -> Path:
    """Return a new path in *store*: a killed process may leave it, and :func:`sweep` removes it."""
    return store / f"{LEFT}{os.urandom(8).hex()}"


def sweep(store: Path) -> None:
    """Remove what killed processes have left in *store*."""
    for path in [path for path in store.iterdir() if path.name.startswith(LEFT)]:
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - _LEFT_AFTER:
                remove_tree(path)
