"""What of the installed distributions depends on the patch release of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import DIST_INFO, records
from layerwright.build.patches._specifiers import ANY, comparisons
from layerwright.contract.names import normalised_name
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from layerwright.build.patches._specifiers import Comparison

__all__ = ["archives_in", "in_distributions"]

# From the first character of a word alone: a lock file has thousands of long ones.
_ARCHIVE: Final = re.compile(r"(?<![\w.!+-])[\w.!+-]+?(?:\.whl|\.tar\.gz|\.tar\.bz2|\.zip)\b")
_SOURCE: Final = (".tar.gz", ".tar.bz2", ".zip")
# The platform of wheels that were built to be published: https://packaging.python.org/en/latest/specifications/
# platform-compatibility-tags/. A build backend tags what it compiles for this machine with linux_x86_64.
_PORTABLE: Final = re.compile(r"-(many|musl)linux[^-]*$")
_REQUIRES_PYTHON: Final = re.compile(r"(?mi)^requires-python:[ \t]*(.*?)[ \t]*$")
_REQUIRES: Final = re.compile(r"(?mi)^requires-dist:(.*)$")


def archives_in(texts: Iterable[str]) -> dict[tuple[str, str], frozenset[str]]:
    """Return the names of archives in *texts*, by normalised name and version of the distribution."""
    found: dict[tuple[str, str], set[str]] = {}
    for name in {match[0] for text in texts for match in _ARCHIVE.finditer(text)}:
        found.setdefault(_key(name), set()).add(name)
    return {key: frozenset(names) for key, names in found.items()}


def in_distributions(
    site_packages: Path, version: str, archives: Mapping[tuple[str, str], Iterable[str]]
) -> Iterator[Comparison]:
    """Yield each comparison with the *version* of Python in the metadata of the distributions in *site_packages*.

    Every patch release may change a distribution that was built here from source, unless it is pure Python without
    *version* in a file. *archives* are the names of those that may have been installed, by name and version.
    """
    for directory in sorted(site_packages.glob(f"*{DIST_INFO}")):
        name, _, release = directory.name.removesuffix(DIST_INFO).rpartition("-")
        key = (normalised_name(name), release)
        words = " ".join(key)
        head = _text(directory / "METADATA").partition("\n\n")[0]
        for value in _REQUIRES_PYTHON.findall(head):
            yield f"{words} requires Python {value}", value
        for value in _REQUIRES.findall(head):
            yield from ((f"{words} has a requirement for {c}", s) for c, s in comparisons(value))
        yield from ((f"{words} {why}", ANY) for why in _built(directory, version, archives.get(key, ())))


def _built(directory: Path, version: str, archives: Iterable[str]) -> Iterator[str]:
    """Yield why every patch release may change the distribution with the metadata *directory*."""
    tags = re.findall(r"(?m)^Tag:[ \t]*(\S+)", _text(directory / "WHEEL"))
    if _is_from_wheel(directory, tags, archives):
        return
    if not all(tag.endswith("-any") for tag in tags):
        yield "was compiled here"
        return
    mention = re.compile(rf"(?<![\w.]){re.escape(version)}(?!\d)".encode())
    for name, _digest in records(directory / "RECORD"):
        if not name.endswith(".pyc") and mention.search(_bytes(directory.parent / name)):
            yield f"was built here, and {name} contains {version}"
            return


def _is_from_wheel(directory: Path, tags: list[str], archives: Iterable[str]) -> bool:
    direct = _text(directory / "direct_url.json")
    if direct:
        return re.search(r"\.whl[\"?#]", direct) is not None
    if tags and all(_PORTABLE.search(tag) for tag in tags):
        return True
    wheels = (name for name in archives if name.endswith(".whl"))
    return not {tag for name in wheels for tag in _tags(name)}.isdisjoint(tags)


def _tags(wheel: str) -> Iterator[str]:
    """Yield the tags in the name of a *wheel* (PEP 425)."""
    pythons, abis, platforms = (part.split(".") for part in wheel.removesuffix(".whl").split("-")[-3:])
    return (f"{python}-{abi}-{platform}" for python in pythons for abi in abis for platform in platforms)


def _key(archive: str) -> tuple[str, str]:
    """Return the name and the version of the distribution in *archive*."""
    if archive.endswith(".whl"):
        name, version = (*archive.split("-"), "")[:2]
    else:
        stem = next(archive.removesuffix(end) for end in _SOURCE if archive.endswith(end))
        name, _, version = stem.rpartition("-")
    return normalised_name(name), version


def _text(file: Path) -> str:
    return _bytes(file).decode(errors="replace")


def _bytes(file: Path) -> bytes:
    try:
        return bounded.read(file)
    except (OSError, ValueError):
        return b""
