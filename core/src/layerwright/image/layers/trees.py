"""The members of an archive that has a directory at another path, as the lifecycle orders them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.image.layers.tar import DIRECTORY, FILE, LINK, Member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.files.trees.placed import Rewritten

__all__ = ["DIRECTORY_MODE", "Owner", "file_members", "parents", "tree_members"]

DIRECTORY_MODE: Final = 0o755


class Owner(NamedTuple):
    """The numbers of the user and of the group that own files."""

    uid: int
    gid: int


def parents(at: str, owner: Owner) -> Iterator[tuple[Member, bytes]]:
    """Yield the directories above the absolute path *at*."""
    for path in reversed(Path(at).parents[:-1]):
        yield Member(os.fsencode(path), DIRECTORY, DIRECTORY_MODE, *owner), b""


def tree_members(
    directory: Path, at: str, owner: Owner, rewritten: Rewritten
) -> Iterator[tuple[Member, bytes | Path]]:
    """Yield everything in *directory* as it is at the path *at*, with what is *rewritten* for that path.

    Sockets, pipes and devices are left out.
    """
    yield from parents(at, owner)
    mode = stat.S_IMODE(directory.stat().st_mode)
    yield Member(os.fsencode(at), DIRECTORY, mode, *owner), b""
    yield from _below(os.fsencode(directory), b"", os.fsencode(at), owner, rewritten)


def _below(
    directory: bytes, name: bytes, at: bytes, owner: Owner, rewritten: Rewritten
) -> Iterator[tuple[Member, bytes | Path]]:
    with os.scandir(os.path.join(directory, name)) as entries:  # noqa: PTH118  # bytes
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        relative = name + b"/" + entry.name if name else entry.name
        status = entry.stat(follow_symlinks=False)
        mode, place = stat.S_IMODE(status.st_mode), at + b"/" + relative
        if stat.S_ISDIR(status.st_mode):
            yield Member(place, DIRECTORY, mode, *owner), b""
            yield from _below(directory, relative, at, owner, rewritten)
        else:
            yield from file_members(
                Path(os.fsdecode(entry.path)), status, os.fsdecode(relative), place, mode, owner, rewritten
            )


def file_members(
    path: Path, status: os.stat_result, name: str, place: bytes, mode: int, owner: Owner, rewritten: Rewritten
) -> Iterator[tuple[Member, bytes | Path]]:
    """Yield the file or link at *path* as it is at *place*; nothing if it is of another kind."""
    if stat.S_ISLNK(status.st_mode):
        target = rewritten.links.get(name)
        yield (
            Member(place, LINK, 0o777, *owner, target=target or os.fsencode(path.readlink())),
            b"",
        )
    elif stat.S_ISREG(status.st_mode):
        content = rewritten.contents.get(name)
        size = status.st_size if content is None else len(content)
        yield Member(place, FILE, mode, *owner, size), path if content is None else content
