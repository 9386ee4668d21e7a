"""A distribution that is installed beside Layerwright, as the wheel that it was installed from."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import sys
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from layerwright.build.wheels._scripts import entry_point_scripts
from layerwright.build.wheels.wheel import UnusableWheelError, contents_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.metadata import Distribution

__all__ = ["InstalledWheel", "find_beside"]

# What installers add to the files of a wheel. uv adds one that is not in the specification; it may have installed this
# environment, of which no plugin knows.
_ADDED: Final = frozenset({"INSTALLER", "RECORD", "REQUESTED", "direct_url.json", "uv_cache.json"})
_HERE: Final = "{}.{}".format(*sys.version_info)


class InstalledWheel:
    """The wheel that *distribution* was installed from, for Python *minor*.

    ``UnusableWheelError``: its files are not known, or some of them are missing.
    """

    def __init__(self, distribution: Distribution, minor: str = _HERE) -> None:
        self._files: Final = dict(_files(distribution, minor))
        self._record: Final = f"{_info(distribution)}/RECORD"
        missing = [name for name, path in self._files.items() if not path.is_file()]
        if missing or not self._files:
            raise UnusableWheelError(f"it has no {missing[0] if missing else 'RECORD'}")
        self.names: Final = [*self._files, self._record]

    def is_executable(self, name: str) -> bool:
        """Return whether the file *name* is executable."""
        return name != self._record and bool(self._files[name].stat().st_mode & 0o111)

    def open(self, name: str) -> IO[bytes]:
        """Return the file *name*, opened for reading; the list of all files is written again."""
        return io.BytesIO(self._rows()) if name == self._record else self._files[name].open("rb")

    def _rows(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        for name, path in self._files.items():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
            words = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            writer.writerow((name, f"sha256={words}", path.stat().st_size))
        writer.writerow((self._record, "", ""))
        return text.getvalue().encode()


def find_beside(
    name: str,
    version: str,
    contents: Mapping[str, str],
    *,
    path: Iterable[str] | None = None,
    minor: str = _HERE,
) -> InstalledWheel | None:
    """Return *version* of the distribution *name* as it is installed in the environment of Layerwright.

    ``None``: it is not, or its files are not those with a digest in *contents*. *path* replaces ``sys.path``, and
    *minor* is the version of Python there.
    """
    from importlib.metadata import distributions

    places = distributions(name=name, path=list(sys.path if path is None else path))
    found = next((one for one in places if one.version == version), None)
    if found is None or not contents:
        return None
    try:
        wheel = InstalledWheel(found, minor)
        return wheel if contents_digest(wheel) in contents.values() else None
    except (OSError, UnusableWheelError):
        return None


def _info(distribution: Distribution) -> str:
    names = (row[0].split("/") for row in _rows(distribution))
    return next((parts[0] for parts in names if parts[1:] == ["WHEEL"]), "")


def _files(distribution: Distribution, minor: str) -> Iterator[tuple[str, Path]]:
    """Yield the files of the wheel, with the names that they have in it."""
    info = _info(distribution)
    generated = entry_point_scripts(distribution.read_text("entry_points.txt") or "", minor)
    for name in (row[0] for row in _rows(distribution)):
        path = PurePosixPath(name)
        is_script = path.parent.name == "bin" and path.parts[0] == ".."
        if is_script and path.name in generated:
            continue
        if path.suffix == ".pyc" or (path.parts[0] == info and path.name in _ADDED):
            continue
        in_wheel = f"{info.removesuffix('.dist-info')}.data/scripts/{path.name}" if is_script else name
        yield in_wheel, Path(str(distribution.locate_file(name)))


def _rows(distribution: Distribution) -> Iterator[list[str]]:
    # Not Distribution.files, which omits missing files from CPython 3.12 on.
    return (row for row in csv.reader((distribution.read_text("RECORD") or "").splitlines()) if row)
