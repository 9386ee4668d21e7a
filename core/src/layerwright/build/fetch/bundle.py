"""A bundle: a directory with everything that a build takes from a network, and a manifest of it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.fetch._refusals import damaged, no_bundle
from layerwright.files.digests import of_file

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ARCHIVES",
    "CACHE",
    "INDEX",
    "MANIFEST",
    "PYTHON",
    "Bundle",
    "BundledFile",
    "listed",
    "read_bundle",
]

MANIFEST: Final = "bundle.json"
PYTHON: Final = "python"
"""The directory with the archive of the interpreter."""
ARCHIVES: Final = "archives"
"""The directory with wheels and source archives."""
INDEX: Final = "simple"
"""The directory with a page for each project (PEP 503)."""
CACHE: Final = "cache.pack"
"""The download cache of the package manager."""
_FORMAT: Final = 1


@dataclass(frozen=True, kw_only=True)
class BundledFile:
    """A file of a bundle, by its path in it, with its size in bytes and what it is for."""

    path: str
    sha256: str
    size: int
    purpose: str


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The manifest of the bundle at *directory*.

    ``python`` is the version of the interpreter, whose archive is in the bundle unless ``python_archive`` is empty.
    ``tools`` are the versions of package managers by name, and ``locked`` the entries of the application's lock file.
    ``env`` has the variables of a build, in which ``{bundle}`` is the directory, and ``{bundle-url}`` its URL.
    """

    directory: Path
    layerwright: str
    target: str
    python: str
    python_archive: str
    package_manager: str
    tools: dict[str, str]
    exec_env: str
    locked: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    files: tuple[BundledFile, ...] = ()

    @property
    def size(self) -> int:
        """The bytes in all files."""
        return sum(file.size for file in self.files)

    @property
    def archives(self) -> tuple[BundledFile, ...]:
        """The archives of distributions, tools and build backends."""
        return tuple(file for file in self.files if file.path.startswith(f"{ARCHIVES}/"))

    @property
    def archives_words(self) -> str:
        """How many archives it has: ``1 archive``, ``12 archives``."""
        count = len(self.archives)
        return "1 archive" if count == 1 else f"{count} archives"

    @property
    def cache(self) -> BundledFile | None:
        """The download cache, if it is in it."""
        return next((file for file in self.files if file.path == CACHE), None)

    def variables(self) -> dict[str, str]:
        """Return the variables of every command of a build from the bundle."""
        places = {"{bundle}": str(self.directory), "{bundle-url}": self.directory.as_uri()}

        def placed(value: str) -> str:
            for word, place in places.items():
                value = value.replace(word, place)
            return value

        return {
            # A URL, because pip separates paths at spaces.
            "PIP_FIND_LINKS": (self.directory / ARCHIVES).as_uri(),
            "PIP_NO_INDEX": "1",
            **{name: placed(value) for name, value in self.env.items()},
        }

    def verify(self) -> None:
        """Read every file; ``SiteError``: one is missing, changed, or not in the manifest."""
        known = {file.path for file in self.files}
        for file in self.files:
            path = self.directory / file.path
            if not path.is_file() or path.is_symlink():
                raise damaged(self.directory, f"{file.path} is missing.")
            size = path.stat().st_size
            if size != file.size:
                raise damaged(self.directory, f"{file.path} has {size} bytes instead of {file.size}.")
            digest = of_file(path).hexdigest()
            if digest != file.sha256:
                raise damaged(self.directory, f"The SHA-256 of {file.path} is {digest}, not {file.sha256}.")
        # pip would install them.
        more = sorted(set(_paths(self.directory)) - known)
        if more:
            raise damaged(self.directory, f"{more[0]} is not in {MANIFEST}.")

    def text(self) -> str:
        """Return the text of the manifest."""
        found = {key: value for key, value in asdict(self).items() if key != "directory"}
        return json.dumps({"format": _FORMAT, **found}, indent=1, sort_keys=True) + "\n"


def read_bundle(directory: Path) -> Bundle:
    """Return the bundle at *directory*; ``SiteError``: there is none, or its manifest cannot be read."""
    file = directory / MANIFEST
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
        if found.pop("format") != _FORMAT:
            raise damaged(directory, f"{MANIFEST} has a format that this release does not know.")
        files = tuple(BundledFile(**one) for one in found.pop("files"))
        bundle = Bundle(directory=directory, files=files, **{**found, "locked": tuple(found["locked"])})
        wrong = [one.path for one in files if not _is_inside(one.path)]
        if wrong:
            raise damaged(directory, f"{MANIFEST} names {wrong[0]}, which is not in the directory.")
    except (FileNotFoundError, NotADirectoryError):
        raise no_bundle(directory) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(directory, f"{MANIFEST} cannot be read: {type(error).__name__}: {error}.") from error
    return bundle


def listed(directory: Path) -> tuple[BundledFile, ...]:
    """Return the files of the bundle in *directory*, read now."""
    return tuple(
        BundledFile(
            path=path,
            sha256=of_file(directory / path).hexdigest(),
            size=(directory / path).stat().st_size,
            purpose=_purpose(path),
        )
        for path in sorted(_paths(directory))
    )


def _paths(directory: Path) -> Iterator[str]:
    """Yield the path of each file of the bundle in *directory*, except the manifest."""
    for name in (PYTHON, ARCHIVES, INDEX):
        for parent, _, files in os.walk(directory / name):
            yield from (str(Path(parent, file).relative_to(directory)) for file in files)
    if os.path.lexists(directory / CACHE):
        yield CACHE


def _purpose(path: str) -> str:
    purposes = {
        PYTHON: "the interpreter",
        INDEX: "a page of the package index",
        CACHE: "the download cache of the package manager",
    }
    return purposes.get(path.partition("/")[0], "a distribution")


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts
