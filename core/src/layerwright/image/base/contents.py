"""What a base image has that an application needs: read once from its layers, and then known by its digest."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.image.layers.reading import open_layer

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.image.image import Image

__all__ = ["BaseContents", "base_contents", "contents_of"]

_FORMAT: Final = 1
_LIBRARY: Final = re.compile(
    r"(?:usr/)?(?:local/)?lib(?:64|/[^/]+-linux-(?:gnu|musl)[^/]*)?/([^/]+\.so(?:\.[^/]*)?)"
)
_SHELL: Final = re.compile(r"(?:usr/)?bin/sh")
_MUSL: Final = re.compile(r"(?:usr/)?lib/ld-musl-[^/]+\.so\.1")
_C_LIBRARY: Final = "libc.so.6"
_GLIBC: Final = re.compile(rb"GNU C Library [^\n]*?version (\d+)\.(\d+)")
_RELEASE: Final = re.compile(r"(?:etc|usr/lib)/os-release")
_REMOVED: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"


class BaseContents(NamedTuple):
    """What a base image has: ``/bin/sh``, the version of its glibc, musl, shared libraries, its distribution.

    Without glibc its version is ``()``.
    """

    shell: bool = False
    glibc: tuple[int, ...] = ()
    musl: bool = False
    libraries: frozenset[str] = frozenset()
    distribution: tuple[str, str] = ("", "")


def base_contents(image: Image, records: Path) -> BaseContents:
    """Return the contents of the base *image*, whose layers are read unless *records* has them."""
    record = records / f"base-{_FORMAT}-{image.digest.partition(':')[2]}"
    known = read_checksummed(record)
    if known is not None:
        shell, glibc, musl, libraries, distribution = json.loads(known)
        return BaseContents(shell, tuple(glibc), musl, frozenset(libraries), tuple(distribution))
    found = contents_of(image)
    records.mkdir(parents=True, exist_ok=True)
    values = {**found._asdict(), "libraries": sorted(found.libraries)}
    write_checksummed(record, json.dumps([*values.values()]).encode())
    return found


def contents_of(image: Image) -> BaseContents:
    """Return the contents of *image*; ``DamagedImageError``: a layer is damaged."""
    seen: dict[str, bytes] = {}
    for layer in image.layers:
        with open_layer(layer) as archive:
            _read(archive, seen)
    releases = [text for name, text in sorted(seen.items()) if _RELEASE.fullmatch(name) and text]
    versions = [found for text in seen.values() for found in _GLIBC.findall(text)]
    return BaseContents(
        shell=any(map(_SHELL.fullmatch, seen)),
        glibc=tuple(map(int, versions[0])) if versions else (),
        musl=any(map(_MUSL.fullmatch, seen)),
        libraries=frozenset(match[1] for name in seen if (match := _LIBRARY.fullmatch(name)) is not None),
        distribution=_distribution(releases),
    )


def _read(archive: tarfile.TarFile, seen: dict[str, bytes]) -> None:
    """Add what counts in *archive* to *seen*, each path with as much of its content as is needed."""
    for member in archive:
        name = member.name.removeprefix("./").strip("/")
        folder, _, file = name.rpartition("/")
        if file == _OPAQUE:
            _remove(seen, [path for path in seen if path.startswith(f"{folder}/")])
        elif file.startswith(_REMOVED):
            gone = f"{folder}/{file.removeprefix(_REMOVED)}".lstrip("/")
            _remove(seen, [path for path in seen if path == gone or path.startswith(f"{gone}/")])
        elif any(pattern.fullmatch(name) for pattern in (_LIBRARY, _SHELL, _MUSL, _RELEASE)):
            seen[name] = _content(archive, member, file, name)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, file: str, name: str) -> bytes:
    content = archive.extractfile(member) if member.isfile() else None
    if content is None:
        return b""
    if file == _C_LIBRARY or file.startswith("libc-2."):
        match = _GLIBC.search(content.read())
        return match[0] if match is not None else b""
    return content.read() if _RELEASE.fullmatch(name) else b""


def _remove(seen: dict[str, bytes], names: Iterable[str]) -> None:
    for name in names:
        del seen[name]


def _distribution(releases: list[bytes]) -> tuple[str, str]:
    if not releases:
        return "", ""
    lines = (line.partition("=") for line in releases[0].decode(errors="replace").splitlines())
    values = {key: value.strip("\"'") for key, _, value in lines}
    return values.get("ID", ""), values.get("VERSION_ID", "")
