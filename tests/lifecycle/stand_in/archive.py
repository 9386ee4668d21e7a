"""Directories as layer archives, and back."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tarfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tests.lifecycle.image import IMAGE_TIME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["extract", "pack", "pack_directory"]


def pack_directory(directory: Path, destination: Path) -> str:
    """Write *directory* with its parents to a new archive in *destination*; return its digest, which names it."""

    def add(archive: tarfile.TarFile) -> None:
        for parent in reversed(directory.parents[:-1]):
            _add(archive, parent, owned=False)
        for path in _walk(directory):
            _add(archive, path, owned=True)

    return pack(destination, add)


def pack(destination: Path, add: Callable[[tarfile.TarFile], None]) -> str:
    """Write the archive that *add* fills to *destination*; return its digest, which names it."""
    destination.mkdir(parents=True, exist_ok=True)
    temporary = destination / "new.tar"
    with (
        temporary.open("wb") as file,
        tarfile.open(fileobj=file, mode="w", errors="surrogateescape") as archive,
    ):
        add(archive)
    with temporary.open("rb") as written:
        digest = f"sha256:{hashlib.file_digest(written, 'sha256').hexdigest()}"
    temporary.rename(destination / f"{digest}.tar")
    return digest


def extract(archive_path: Path) -> None:
    """Put everything in the archive where its name says; ``ValueError``: what no restore can make.

    Modes are as recorded whatever the umask, times are now. A directory that is there keeps its mode.
    """
    modes: list[tuple[Path, int]] = []
    with tarfile.open(archive_path, errors="surrogateescape") as archive:
        for member in archive:
            path = Path("/", member.name)
            if member.isdir():
                if not path.exists():
                    modes.append((path, member.mode))
                path.mkdir(parents=True, exist_ok=True)
            elif member.isreg():
                content = archive.extractfile(member)
                assert content is not None
                _write(path, member.mode, content)
            elif member.issym():
                path.symlink_to(member.linkname)
            else:
                raise ValueError(f"unknown file type in tar: {path}")
    for path, mode in modes:
        path.chmod(stat.S_IMODE(mode))


def _write(path: Path, mode: int, content: IO[bytes]) -> None:
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)
    path.chmod(mode & 0o777)


def _walk(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir() and not path.is_symlink():
        for below in sorted(path.iterdir(), key=os.fsencode):
            yield from _walk(below)


def _add(archive: tarfile.TarFile, path: Path, *, owned: bool) -> None:
    status = path.lstat()
    if stat.S_ISSOCK(status.st_mode):
        return
    member = tarfile.TarInfo(str(path))
    member.mode = stat.S_IMODE(status.st_mode)
    member.mtime = IMAGE_TIME
    # Owners change on the way into the layer, never those of the directories that it is in.
    member.uid, member.gid = (0, 0) if owned else (status.st_uid, status.st_gid)
    if stat.S_ISREG(status.st_mode):  # hard links too: each becomes a file of its own
        member.size = status.st_size
        with path.open("rb") as file:
            archive.addfile(member, file)
        return
    if stat.S_ISLNK(status.st_mode):
        member.type, member.linkname = tarfile.SYMTYPE, str(path.readlink())
    elif stat.S_ISDIR(status.st_mode):
        member.type = tarfile.DIRTYPE
    else:
        member.type = tarfile.FIFOTYPE
    archive.addfile(member)
