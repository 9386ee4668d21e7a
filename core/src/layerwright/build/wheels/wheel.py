"""A wheel, packed or installed, as the files that it consists of."""

from __future__ import annotations

import hashlib
import stat
from typing import IO, TYPE_CHECKING, Final, Protocol
from zipfile import BadZipFile, ZipFile

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ArchivedWheel", "UnusableWheelError", "Wheel", "contents_digest", "info_directory", "is_record"]

_CHUNK: Final = 1 << 20


class UnusableWheelError(Exception):
    """A wheel that only a package manager can install; the message says why."""


class Wheel(Protocol):
    """A wheel, whose files have the names that they have in its archive."""

    @property
    def names(self) -> Sequence[str]:
        """All files, without directories."""
        ...

    def is_executable(self, name: str) -> bool:
        """Return whether the file *name* is executable."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Return the file *name*, opened for reading."""
        ...


class ArchivedWheel:
    """The wheel in the open file *archive*. ``UnusableWheelError``: it is no zip file."""

    def __init__(self, archive: IO[bytes]) -> None:
        try:
            self._zip: Final = ZipFile(archive)
        except BadZipFile as error:
            raise UnusableWheelError(str(error)) from error
        self.names: Final = [name for name in self._zip.namelist() if not name.endswith("/")]

    def is_executable(self, name: str) -> bool:
        """Return whether the file *name* is executable."""
        mode = self._zip.getinfo(name).external_attr >> 16
        return stat.S_ISREG(mode) and bool(mode & 0o111)

    def open(self, name: str) -> IO[bytes]:
        """Return the file *name*, opened for reading."""
        return self._zip.open(name)


def info_directory(wheel: Wheel) -> str:
    """Return the name of the ``.dist-info`` directory of *wheel*. ``UnusableWheelError``: it does not have one."""
    # Only at the top level: setuptools contains those of other distributions further down.
    tops = (name.removesuffix("/WHEEL") for name in wheel.names if name.count("/") == 1)
    found = [name for name in tops if name.endswith(".dist-info")]
    if len(found) != 1:
        raise UnusableWheelError(f"it has {len(found) or 'no'} .dist-info directories")
    return found.pop()


def is_record(name: str) -> bool:
    """Return whether the file *name* of a wheel is the list of its files, or a signature of that."""
    directory, _, file = name.partition("/")
    return directory.endswith(".dist-info") and file in {"RECORD", "RECORD.jws", "RECORD.p7s"}


def contents_digest(wheel: Wheel) -> str:
    """Return the digest (``sha256:…``) of all files of *wheel*, with their names, except its list of files.

    It is the same for the archive and for what an installer made of it.
    """
    lines = []
    for name in sorted(wheel.names):
        if not is_record(name):
            with wheel.open(name) as file:
                digest = _digest(file)
            lines.append(f"{digest} {'x' if wheel.is_executable(name) else '-'} {name}\n")
    return f"sha256:{hashlib.sha256(''.join(lines).encode()).hexdigest()}"


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
