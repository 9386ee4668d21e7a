"""The installed distributions of this environment: checked file by file, and copied."""

from __future__ import annotations

import base64
import csv
import hashlib
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.errors import SiteError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import Distribution

__all__ = [
    "check_distribution",
    "copy_distribution",
    "drop_installer_files",
    "editable_source",
    "find_distributions",
    "label",
]

# Files in which an installer records this installation.
_INSTALLER_FILES: Final = ("INSTALLER", "RECORD", "REQUESTED", "direct_url.json")


def find_distributions(path: Iterable[str] | None = None) -> dict[str, Distribution]:
    """Return the distributions on *path* (default: ``sys.path``) by their normalised names, the first of each name."""
    from importlib.metadata import distributions

    from packaging.utils import canonicalize_name

    found: dict[str, Distribution] = {}
    for one in distributions() if path is None else distributions(path=list(path)):
        # A directory of a failed installation has no metadata.
        if one.read_text("METADATA"):
            found.setdefault(canonicalize_name(one.metadata["Name"]), one)
    return found


def label(distribution: Distribution) -> str:
    """Return the name and the version of *distribution*, for messages."""
    return f"{distribution.metadata['Name']} {distribution.version}"


def editable_source(distribution: Distribution) -> Path | None:
    """Return the source directory of *distribution* if it is editable (PEP 610)."""
    import json
    from urllib.parse import unquote, urlsplit

    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlsplit(origin["url"]).path))


def check_distribution(distribution: Distribution) -> None:
    """Raise a ``SiteError`` if a file of *distribution* changed since the installation, or its files are unknown."""
    if distribution.read_text("RECORD") is None:
        raise SiteError(
            f"Layerwright does not know which files belong to {label(distribution)}.",
            cause="Its metadata has no RECORD file: it was not installed from a wheel.",
            remedy=f"Install it again: pip install --force-reinstall {distribution.metadata['Name']}",
            reference="distribution-without-record",
        )
    altered = [file for file in _wanted(distribution) if not file.is_unaltered]
    if altered:
        raise SiteError(
            f"{label(distribution)} has changed since it was installed.",
            cause="\n".join(f"{file.location} was modified or removed." for file in altered),
            remedy=f"Install it again: pip install --force-reinstall {distribution.metadata['Name']}",
            reference="distribution-altered",
        )


def copy_distribution(distribution: Distribution, site: Path) -> None:
    """Copy the import packages and the metadata of *distribution* into *site*, without scripts and bytecode."""
    for file in _wanted(distribution):
        target = site / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file.location, target)


def drop_installer_files(site: Path) -> None:
    """Remove the metadata about this installation from *site*; no installer will ever change it."""
    for name in _INSTALLER_FILES:
        for path in site.glob(f"*.dist-info/{name}"):
            path.unlink()


class _File(NamedTuple):
    """A file in RECORD: its path in site-packages, its location, and its hash, which may be empty."""

    path: PurePosixPath
    location: Path
    hash: str

    @property
    def is_unaltered(self) -> bool:
        """Whether the file exists with the installed content."""
        if not self.location.is_file():
            return False
        if not self.hash:
            # RECORD has no hash of itself; an installer may omit those of files that it writes.
            return self.path.parent.suffix == ".dist-info"
        algorithm, _, expected = self.hash.partition("=")
        digest = hashlib.new(algorithm, self.location.read_bytes()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == expected


def _wanted(distribution: Distribution) -> list[_File]:
    """Return the files of *distribution* in site-packages that the installation wrote."""
    # Not Distribution.files, which omits missing files from CPython 3.12 on.
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    files = [
        _File(PurePosixPath(name), Path(str(distribution.locate_file(name))), digest)
        for name, digest in ((*row, "")[:2] for row in rows if row)
    ]
    return [
        file
        for file in files
        if ".." not in file.path.parts and not file.path.is_absolute() and file.path.suffix != ".pyc"
    ]
