"""Provides interpreters from the archives of python-build-standalone or a mirror."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError
from layerwright.process.redaction import KNOWN, redacted
from layerwright.pythons.provider import ARCHIVE_SHA256, Candidate, anything, minor_of

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright.process.runner import Runner
    from layerwright.pythons.provider import Progress, Wanted
    from layerwright.pythons.standalone._catalogue import Archive

__all__ = ["DELAYS", "StandaloneProvider"]

_TOP_FOLDER: Final = "python"
# Modules that most applications need. The other extension modules may need libraries that a small image lacks: _crypt
# needs libcrypt.so.1.
_MUST_IMPORT: Final = frozenset(
    {
        "bz2",
        "ctypes",
        "decimal",
        "hashlib",
        "json",
        "lzma",
        "select",
        "socket",
        "sqlite3",
        "ssl",
        "uuid",
        "zlib",
    }
)
_COMPILERS: Final = (
    rb"""(?m)^(?P<key>[ {]*['"]?(?P<name>CC|CXX|BLDSHARED|LDSHARED|LDCXXSHARED|LINKCC|AR)['"]?\s*[:=]\s*['"]?)"""
    rb"""[^\s'"$]+"""
)


DELAYS: Final = (1, 3, 9)
"""The seconds to wait before each further attempt to download."""


class StandaloneProvider:
    """Provides the interpreters in the catalogue for *arch* (``x86_64``, ``aarch64``) on Linux with glibc.

    Archives are kept in *cache_dir*. *mirror* is a directory, at any ``https://``, ``http://`` or ``file://`` URL,
    with the archives under their own names; the catalogue's checksums apply to it as well. *delays* are the seconds
    to wait before each further attempt to download.
    """

    name = "standalone"

    def __init__(
        self,
        arch: str,
        cache_dir: Path,
        mirror: str | None = None,
        *,
        catalogue: Sequence[Archive] | None = None,
        delays: Sequence[float] = DELAYS,
    ) -> None:
        self._arch = arch
        self._cache_dir = cache_dir
        self._mirror = mirror
        if mirror is not None:
            KNOWN.learn_url(mirror)
        self._catalogue = catalogue
        self._delays = delays

    def candidates(self, wanted: Wanted = anything) -> Sequence[Candidate]:
        """Return every version whose archive has a checksum, newest first."""
        del wanted
        return [
            Candidate(
                version=archive.version,
                provider=self.name,
                origin=redacted(self._url(archive)),
                inputs={"archive": archive.filename, ARCHIVE_SHA256: archive.sha256},
            )
            for archive in self._archives()
            if archive.sha256
        ]

    def looked_in(self) -> Sequence[str]:
        """Return a line for the catalogue, and one for the versions that cannot be verified."""
        archives = self._archives()
        unverifiable = ", ".join(archive.version for archive in archives if not archive.sha256)
        return [
            f"the catalogue of python-build-standalone: {len(archives)} versions for {self._arch}",
            *([f"not usable, because they have no checksum: {unverifiable}"] if unverifiable else []),
        ]

    def install(self, candidate: Candidate, destination: Path, runner: Runner, progress: Progress) -> None:
        """Download, verify and unpack the archive, relocate it to *destination*, and prove it."""
        from layerwright.pythons._finish import compile_library, finish
        from layerwright.pythons._prove import prove

        built_for = self._place(candidate, destination, progress, bytecode=True)
        compiled = compile_library(destination, version=candidate.version, runner=runner, adopt=destination)
        prove(destination, version=candidate.version, old=built_for, modules=_MUST_IMPORT, runner=runner)
        finish(destination, version=candidate.version, compiled=compiled)

    def install_foreign(self, candidate: Candidate, destination: Path, progress: Progress) -> None:
        """Install an interpreter for an architecture that this machine cannot run: without bytecode or proof."""
        from layerwright.process.command import Completed
        from layerwright.pythons._finish import finish

        self._place(candidate, destination, progress, bytecode=False)
        finish(destination, version=candidate.version, compiled=Completed(returncode=0, output=""))

    def _place(
        self, candidate: Candidate, destination: Path, progress: Progress, *, bytecode: bool
    ) -> tuple[str, ...]:
        """Unpack the archive, with *bytecode* or not, and relocate it; return the prefixes that it was built for."""
        from layerwright.pythons._relocate import recorded_prefix, relocate
        from layerwright.pythons.standalone._download import download
        from layerwright.pythons.standalone.in_use import using

        archive = next(archive for archive in self._archives() if archive.version == candidate.version)
        with using(self._cache_dir):
            path = download(
                self._url(archive),
                filename=archive.filename,
                sha256=archive.sha256,
                into=self._cache_dir,
                progress=progress,
                delays=self._delays,
            )
            _unpack(path, destination, candidate.version, bytecode=bytecode)
        built_for = (recorded_prefix(destination),)
        _use_usual_compiler(relocate(destination, built_for))
        return built_for

    def _archives(self) -> Sequence[Archive]:
        if self._catalogue is None:
            from layerwright.pythons.standalone._catalogue import published_archives

            self._catalogue = published_archives(self._arch)
        return self._catalogue

    def _url(self, archive: Archive) -> str:
        if self._mirror is None:
            return archive.url
        from urllib.parse import quote

        # Some object stores decode the + in every name as a space, unless it is escaped.
        return f"{self._mirror.rstrip('/')}/{quote(archive.filename)}"


def _unpack(archive: Path, destination: Path, version: str, *, bytecode: bool) -> None:
    import tarfile
    import zlib
    from copy import copy

    from layerwright.pythons._contents import belongs, source_of

    minor = minor_of(version)

    def members(file: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
        for info in file:
            top, _, name = info.name.removeprefix("./").partition("/")
            source = source_of(name, minor) if bytecode else ""
            if top == _TOP_FOLDER and belongs(source or name, minor):
                chosen = copy(info)
                chosen.name = name
                # The target of a hard link is relative to the top of the archive; that of a symbolic link is not.
                chosen.linkname = info.linkname.partition("/")[2] if info.islnk() else info.linkname
                yield chosen

    try:
        with tarfile.open(archive) as file:
            # Python 3.11.0 to 3.11.3 have no filter (PEP 706); there the archive's checksum has to suffice.
            file.extraction_filter = getattr(tarfile, "data_filter", None)
            file.extractall(destination, members=members(file))  # noqa: S202  # filtered
        if (destination / "bin" / f"python{minor}").is_file():
            return
        cause = f"It has no {_TOP_FOLDER}/bin/python{minor}."
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        cause = f"{type(error).__name__}: {error}"
    raise SiteError(
        f"{archive.name} could not be unpacked.",
        cause=cause,
        remedy=f"Free some space for {destination}, then build again.",
        reference="python-not-unpacked",
    )


def _use_usual_compiler(configuration: Sequence[Path]) -> None:
    """Replace build tools in *configuration* that only the archive's makers have with ``cc``, ``c++`` and ``ar``.

    https://github.com/astral-sh/python-build-standalone/issues/209
    """

    def usual(match: re.Match[bytes]) -> bytes:
        program = b"ar" if match["name"] == b"AR" else b"c++" if b"CXX" in match["name"] else b"cc"
        return match["key"] + program

    for path in configuration:
        path.write_bytes(re.sub(_COMPILERS, usual, path.read_bytes()))
