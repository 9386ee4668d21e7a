"""The application directory, read-only: the only way in which core and plugins read the user's files."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from layerwright.errors import UserError
from layerwright.files import bounded
from layerwright.files.digests import of_directory, of_file
from layerwright.files.text import toml, utf_8
from layerwright.process.redaction import KNOWN
from layerwright.process.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Project"]

# With these errors the file does not exist; with any other, only reading it can tell the reason.
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})
_ALSO_OF_SCRIPTS: Final = (".python-version", ".tool-versions", "mise.toml")
_LARGEST_SETTINGS: Final = 100_000
_LONGEST_QUOTED: Final = 300
_NOT_SHOWN: Final = "(not shown, because the file is outside the application)"


class Project:
    """The application directory at *root*, which is *tree*, the whole source, or a directory in it.

    Names are relative to it; an absolute name is used as it is, because package managers accept those in their files.
    The content of a file is read once, so that one build sees one state of each file. Only regular files are read,
    and at most 64 MiB of one.

    If the application is a single *script* in that directory, the files that describe another application there
    do not exist: of names without a slash, only those of the script, its lock file (``hello.py.lock``) and the
    Python version do. Write ``./NAME`` for any other.
    """

    __slots__ = ("_bytes", "_directories", "_toml", "root", "script", "tree")

    def __init__(self, root: Path, tree: Path | None = None, script: str = "") -> None:
        self.root = root
        self.tree = tree or root
        self.script = script
        self._bytes: dict[str, bytes | None] = {}
        self._directories: dict[str, frozenset[str]] = {}
        self._toml: dict[str, Mapping[str, Any]] = {}

    @property
    def directories(self) -> tuple[Path, ...]:
        """The directories of which a digest was computed: a build may install from all of them."""
        return tuple(map(self.path, self._directories))

    @property
    def generated(self) -> tuple[Path, ...]:
        """The files in :attr:`directories` into which a build writes the version, whether they exist or not."""
        return tuple(self.path(d) / file for d, files in self._directories.items() for file in sorted(files))

    def path(self, name: str) -> Path:
        """Return the path of *name*, whether it exists or not."""
        return self.root / name

    def upward(self, name: str) -> tuple[str, ...]:
        """Return *name* in the application directory, and in each directory above it in the tree, nearest first."""
        above = len(self.root.parts) - len(self.tree.parts)
        return tuple(f"{'../' * levels}{name}" for levels in range(above + 1))

    def exists(self, name: str) -> bool:
        """Return whether *name* exists and is not a directory.

        A broken link exists as well: reading it is an error that says so.
        """
        path = self.path(name)
        if self._hides(name):
            return False
        try:
            return not stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116  # once, not twice
        except (FileNotFoundError, ValueError):
            # ValueError: a NUL character, which no file name contains.
            return os.path.islink(path)  # noqa: PTH114  # it also takes a NUL character
        except OSError as error:
            return error.errno not in _ABSENT

    def is_directory(self, name: str) -> bool:
        """Return whether *name* is a directory."""
        return os.path.isdir(self.path(name))  # noqa: PTH112  # a name that is too long is no error

    def is_outside(self, name: str) -> bool:
        """Return whether *name* leads outside the source tree: by ``..``, as an absolute name, or by a link."""
        tree = os.path.realpath(self.tree)
        return os.path.commonpath((tree, os.path.realpath(self.path(name)))) != tree

    def quoted(self, name: str, text: str) -> str:
        """Return *text*, a part of the file *name*, for use in a message.

        Invisible characters are escaped, and it has at most 300 characters. Nothing of a file outside the application
        is shown: the author of the application may not be allowed to read that file, while the build is.
        """
        if self.is_outside(name):
            return _NOT_SHOWN
        return visible(text) if len(text) <= _LONGEST_QUOTED else f"{visible(text[:_LONGEST_QUOTED])}…"

    def read(self, name: str) -> bytes | None:
        """Return the bytes of the file *name*; ``None`` if it does not exist. ``UserError``: it cannot be read."""
        if name not in self._bytes:
            data = self._bytes[name] = self._read(name)
            if data is not None:
                KNOWN.learn_file(data, foreign=self.is_outside(name))
        return self._bytes[name]

    def _hides(self, name: str) -> bool:
        own = (self.script, f"{self.script}.lock", *_ALSO_OF_SCRIPTS)
        return bool(self.script) and "/" not in name and name not in own

    def _read(self, name: str) -> bytes | None:
        if self._hides(name):
            return None
        try:
            return bounded.read(self.path(name))
        except ValueError:
            return None
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ELOOP):
                self._refuse_dangling(name)
            if error.errno in _ABSENT:
                return None
            raise _unreadable(name, str(error.strerror)) from error

    def _refuse_dangling(self, name: str) -> None:
        """Raise a ``UserError`` if *name*, or a directory on the way to it, is a broken link."""
        path = self.path(name)
        there = next(place for place in (path, *path.parents) if os.path.lexists(place))
        if there.is_symlink() and not os.path.exists(there):  # noqa: PTH110  # no error for a loop
            shown = os.path.relpath(there, self.root) if there.is_relative_to(self.root) else str(there)
            raise UserError(
                f"{shown} is a broken link.",
                cause=f"It is a link to {there.readlink()}.",
                remedy=(
                    "Replace the link with the file itself.",
                    "A container image has only the application: a link to a file outside is broken there.",
                ),
                reference="dangling-link",
            )

    def text(self, name: str) -> str:
        """Return the text of *name*, which must exist and be UTF-8 (with or without a byte order mark)."""
        data = self.read(name)
        if data is None:
            raise UserError(f"{name} does not exist.", remedy=f"Create {name}.", reference="missing-file")
        return utf_8(data, name, instead=_NOT_SHOWN if self.is_outside(name) else "")

    def toml(self, name: str) -> Mapping[str, Any]:
        """Return the TOML file *name* as a mapping, empty if it does not exist.

        ``UserError``: it is not valid TOML; the message has the line and column.
        """
        if name not in self._toml:
            instead = _NOT_SHOWN if self.is_outside(name) else ""
            self._toml[name] = (
                toml(self.text(name), name, instead=instead) if self.read(name) is not None else {}
            )
        return self._toml[name]

    def refuse_unlike(self, name: str, key: str) -> None:
        """Raise a ``UserError`` if *name* is outside the application and is not a TOML file with *key*.

        Use it for a lock file before a tool reads it: most tools print lines that they cannot parse.
        """
        if self.is_outside(name) and key not in self.toml(name):
            raise UserError(
                f"{name} is outside the application, and is not the file that its name says.",
                cause=f"It is a link to {self.path(name).resolve()}, which has no key {key}.",
                remedy=f"Put the right {name} into the application.",
                reference="outside-lock-file",
            )

    def refuse_outside(self, name: str) -> None:
        """Raise a ``UserError`` if *name* is a link to a file outside the application.

        Use it for a file of settings: messages show its values, and tools print lines of it that they reject.
        """
        if self.read(name) and self.is_outside(name):
            raise UserError(
                f"{name} is a link to a file outside the application.",
                cause=f"It leads to {self.path(name).resolve()}. Messages would show what is in it to people who may "
                "not be allowed to read it, and a container image has no such file.",
                remedy=f"Put {name} itself into the application.",
                reference="outside-configuration",
            )

    def refuse_lost(self, name: str, origin: str) -> None:
        """Raise a ``UserError`` if *name*, a relative path, does not exist because it is outside the source tree.

        Use it for a local dependency that *origin*, a file and perhaps a line, names: the tree may have been given only
        in part.
        """
        # A NUL character is in no path.
        is_relative = not (os.path.isabs(name) or "\0" in name)  # noqa: PTH117  # a string, for a test
        if not is_relative or os.path.lexists(self.path(name)) or not self.is_outside(name):
            return
        raise UserError(
            f"{visible(name)} does not exist.",
            cause=f"{origin} names it. It is outside {self.tree}, and the build gets nothing else.",
            remedy=(
                "Build the directory that contains both, and choose the application in it:"
                " layerwright build DIR --app APP",
                "In an image: pass that directory to the platform, and set LAYERWRIGHT_APP_DIR=APP for the build.",
            ),
            reference="path-outside-tree",
        )

    def digest(self, name: str) -> str:
        """Return the SHA-256, in hexadecimal, of the file *name* or of every file below the directory *name*.

        A directory's digest covers names, contents, executable bits and link targets, and leaves out version control
        and caches of tools. If a build may take its version from version control, the digest also covers the commit,
        the tags and the tracked files, and leaves out the file into which the build writes the version. Secrets in
        settings outside the application are removed first. The digest of a missing file is ``absent``. ``UserError``:
        a file cannot be read.
        """
        path = self.path(name)
        if name in self._bytes or not self.is_directory(name):
            return self._file_digest(name)
        generated = self._generated_files(name)
        self._directories[name] = generated or frozenset()
        try:
            total = of_directory(path, self._directories[name])
        except OSError as error:
            raise _unreadable(str(error.filename or path), str(error.strerror)) from error
        if generated is not None:
            total.update(self.version_control(name).encode())
        return total.hexdigest()

    def version_control(self, name: str) -> str:
        """Return a digest of the version control state of the directory *name*; empty without version control.

        It covers the commit, the tags and the tracked files of the Git or Mercurial repository that contains it.
        """
        from layerwright.files.version_control import state_of

        return state_of(self.path(name)).hex()

    def _generated_files(self, directory: str) -> frozenset[str] | None:
        """Return the files into which a build of *directory* writes its version; ``None``: it needs no other file."""
        pyproject, setup = (os.path.join(directory, name) for name in ("pyproject.toml", "setup.py"))  # noqa: PTH118
        has_setup = self.exists(setup)
        if not (has_setup or self.exists(pyproject)):
            return None
        from layerwright.files.version_control import generated_files, version_is_elsewhere

        try:
            declared = self.toml(pyproject)
        except UserError:
            # Its backend rejects it.
            return frozenset()
        return generated_files(declared) if version_is_elsewhere(declared, has_setup=has_setup) else None

    def _file_digest(self, name: str) -> str:
        import hashlib

        if self._hides(name):
            return "absent"
        outside = self.is_outside(name)
        if name not in self._bytes and not (
            outside and bounded.is_at_most(_LARGEST_SETTINGS, self.path(name))
        ):
            # An archive to install may be larger than the limit for files that are read as a whole.
            with suppress(OSError, ValueError):
                return of_file(self.path(name)).hexdigest()
        data = self.read(name)
        if data is None:
            return "absent"
        return hashlib.sha256(_without_secrets(data) if outside else data).hexdigest()


def _without_secrets(data: bytes) -> bytes:
    if len(data) > _LARGEST_SETTINGS or b"\0" in data:
        return data
    return KNOWN.masked_url(data.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def _unreadable(name: str, cause: str) -> UserError:
    return UserError(
        f"{name} could not be read.",
        cause=f"{cause}.",
        remedy="Check the file and its permissions.",
        reference="unreadable-file",
    )
