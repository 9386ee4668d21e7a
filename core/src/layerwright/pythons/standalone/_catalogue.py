"""The archives of python-build-standalone, from the catalogue of the pbs-installer library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.errors import SiteError
from layerwright.pythons.provider import version_key
from layerwright.pythons.support import MINORS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Archive", "published_archives", "read_catalogue"]


@dataclass(frozen=True, kw_only=True)
class Archive:
    """An ``install_only`` archive; ``sha256`` is empty if the catalogue has no checksum."""

    version: str
    filename: str
    url: str
    sha256: str


def published_archives(arch: str) -> tuple[Archive, ...]:
    """Return each archive of CPython for Linux on *arch* that pbs-installer lists, newest first."""
    from importlib.util import find_spec

    # Its own functions find only one version at a time, and index every platform when imported.
    spec = find_spec("pbs_installer")
    folders: Iterable[str] = (spec and spec.submodule_search_locations) or ()
    return read_catalogue(next(map(Path, folders), Path()) / "versions.json", arch)


def read_catalogue(path: Path, arch: str) -> tuple[Archive, ...]:
    """Return the archives for *arch* in the catalogue at *path*, without those of unsupported minor versions.

    ``SiteError``: it cannot be read.
    """
    import json

    try:
        releases = json.loads(path.read_bytes())
        found = [
            Archive(
                version="{major}.{minor}.{micro}".format_map(release["python_version"]),
                filename=file["filename"],
                url=file["url"],
                sha256=file["sha256"] or "",
            )
            for release in releases
            if release["python_version"]["implementation"] == "cpython"
            and not release["python_version"]["freethreaded"]
            for file in release["files"]
            if (file["platform"], file["arch"], file["install_only"]) == ("linux", arch, True)
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SiteError(
            "The catalogue of standalone Pythons cannot be read.",
            cause=f"{path}: {type(error).__name__}: {error}",
            remedy="Install the release of pbs-installer that this release of Layerwright was tested with.",
            reference="python-catalogue",
        ) from error
    supported = [archive for archive in found if version_key(archive.version) >= version_key(MINORS[-1])]
    return tuple(sorted(supported, key=lambda archive: version_key(archive.version), reverse=True))
