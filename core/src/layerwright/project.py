"""The application directory, read-only: the one way by which core and plugins look at the user's files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Project"]

# What tools leave behind in a source directory: it does not change what a build of that directory installs.
_LEFTOVERS = frozenset(
    {".git", ".hg", ".svn", "__pycache__", ".venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache"}
)


class Project:
    """The application directory at *root*.

    Names are relative to it; an absolute name is taken as it is, because package managers accept those in
    their files. What was read once is remembered, so that one build sees one state of each file.
    """

    __slots__ = ("_bytes", "_toml", "root")

    def __init__(self, root: Path) -> None:
        self.root = root
        self._bytes: dict[str, bytes | None] = {}
        self._toml: dict[str, Mapping[str, Any]] = {}

    def path(self, name: str) -> Path:
        """Return where *name* is, whether it exists or not."""
        return self.root / name

    def exists(self, name: str) -> bool:
        """Tell whether there is a file *name*, or anything else that is not a directory."""
        path = self.path(name)
        return path.exists() and not path.is_dir()

    def is_directory(self, name: str) -> bool:
        """Tell whether there is a directory *name*."""
        return self.path(name).is_dir()

    def read(self, name: str) -> bytes | None:
        """Return the bytes of the file *name*, ``None`` where there is none; a ``UserError`` if unreadable."""
        if name not in self._bytes:
            path = self.path(name)
            if path.is_fifo():
                # Reading would wait for a writer, and there may never be one.
                raise _unreadable(name, "It is a named pipe")
            try:
                self._bytes[name] = path.read_bytes()
            except (FileNotFoundError, NotADirectoryError, ValueError):
                # ValueError: a NUL character, which the name of no file has.
                self._bytes[name] = None
            except OSError as error:
                raise _unreadable(name, str(error.strerror)) from error
        return self._bytes[name]

    def text(self, name: str) -> str:
        """Return the text of *name*, which must exist and be UTF-8 (with or without a byte order mark)."""
        data = self.read(name)
        if data is None:
            raise UserError(f"{name} does not exist.", remedy=f"Create {name}.", reference="missing-file")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            # Not data: error.start does not count a byte order mark.
            line = error.object.count(b"\n", 0, error.start) + 1
            raise UserError(
                f"{name} is not UTF-8 text.",
                cause=f"Byte 0x{error.object[error.start]:02x} on line {line} is not valid there.",
                remedy=f"Save {name} with the encoding UTF-8.",
                reference="not-utf-8",
            ) from error

    def toml(self, name: str) -> Mapping[str, Any]:
        """Return the TOML file *name* as a mapping, an empty one where there is none.

        A file that is not valid TOML is a ``UserError`` with its line and column.
        """
        if name not in self._toml:
            self._toml[name] = self._parsed(name) if self.read(name) is not None else {}
        return self._toml[name]

    def _parsed(self, name: str) -> Mapping[str, Any]:
        import tomllib

        try:
            return tomllib.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            # Not only TOMLDecodeError, which has the line and the column: a number can be too long for Python to
            # read, and brackets nested too deep.
            raise UserError(
                f"{name} is not valid TOML.",
                cause=f"{error}.",
                remedy=f"Correct {name} at that place.",
                reference="malformed-toml",
            ) from error

    def digest(self, name: str) -> str:
        """Return the SHA-256, in hexadecimal, of the file *name* or of every file below the directory *name*.

        A directory's digest covers names, contents, executable bits and link targets, and leaves out version
        control and tools' caches. What does not exist has the digest ``absent``; what cannot be read is a
        ``UserError``.
        """
        import hashlib

        path = self.path(name)
        if not path.is_dir():
            data = self.read(name)
            return "absent" if data is None else hashlib.sha256(data).hexdigest()
        total = hashlib.sha256()
        try:
            for relative, kind, content in _entries(path):
                total.update(b"%s\0%s\0%d\0" % (os.fsencode(relative), kind, len(content)))
                total.update(content)
        except OSError as error:
            raise _unreadable(str(error.filename or path), str(error.strerror)) from error
        return total.hexdigest()


def _unreadable(name: str, cause: str) -> UserError:
    return UserError(
        f"{name} could not be read.",
        cause=f"{cause}.",
        remedy="Check what it is and who may read it.",
        reference="unreadable-file",
    )


def _entries(directory: Path) -> Iterator[tuple[str, bytes, bytes]]:
    for parent, directories, files in os.walk(directory, onerror=_raise):
        directories[:] = sorted(d for d in directories if d not in _LEFTOVERS and not d.endswith(".egg-info"))
        for name in sorted(files + [d for d in directories if Path(parent, d).is_symlink()]):
            path = Path(parent, name)
            relative = str(path.relative_to(directory))
            if path.is_symlink():
                yield relative, b"link", os.fsencode(path.readlink())
            elif path.is_file():
                yield relative, b"run" if os.access(path, os.X_OK) else b"file", path.read_bytes()


def _raise(error: OSError) -> None:
    # By default os.walk leaves out what it cannot list, and a change in there would go unnoticed.
    raise error
