"""Entries of lock files, and the digests by which core notices that a version has other archives now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from layerwright.files.frozen import frozen
from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "HASH",
    "LockEntry",
    "LockedArchive",
    "archive_digests",
    "locked_archives",
    "locked_requirements",
]

HASH: Final = re.compile(r"sha256:[0-9a-fA-F]{64}|sha384:[0-9a-fA-F]{96}|sha512:[0-9a-fA-F]{128}")
"""A hash that pins an archive: pip accepts no other algorithm."""

_COMMENT: Final = re.compile(r"(^|\s+)#.*$")
# Not `packaging`: an unchanged build reads the lock file too, and the import would take a tenth of that build. All
# other forms of a requirement pin nothing.
_PINNED: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*"
    r"(?:===?\s*(?P<version>[^\s;,*()]+)|@\s*(?P<url>[^\s;]+))\s*(?:;\s*(?P<marker>.+))?"
)
_OPTION_HASH: Final = re.compile(r"--hash(?:=|\s+)(\S+)")
_URL_HASH: Final = re.compile(r"[#&](sha(?:256|384|512))=([0-9a-fA-F]+)")
# An archive with the right hash is the same from any source.
_WHERE_FROM: Final = re.compile(
    r"(-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host|--no-index|--require-hashes)(?![\w-]).*"
)
_LOGIN: Final = re.compile(r"://[^/\s]*@")
_INCLUDE: Final = re.compile(r"-r.*|-c.*|-e.*|--requirement.*|--constraint.*|--editable.*")


@frozen
class LockEntry:
    """A distribution in a lock file."""

    key: str
    """``name==version``, with nothing after ``==`` if the version is unknown. If the entry names no distribution, its
    text."""

    pins: tuple[str, ...] = ()
    """What determines its archives, sorted: hashes, or the commit of a repository. Empty if nothing does."""

    paths: tuple[str, ...] = ()
    """Its paths, sorted, which may be files or directories of the application."""

    marker: str = ""
    """Its environment marker (PEP 508)."""

    @property
    def name(self) -> str:
        """The name of the distribution, as the lock file spells it."""
        return self.key.partition("==")[0]

    @property
    def version(self) -> str:
        """Its version; empty if it is unknown."""
        return self.key.partition("==")[2]


@frozen
class LockedArchive:
    """An archive that a lock file names: a wheel or a source archive of a distribution."""

    name: str
    """The name of the distribution, in any spelling."""

    version: str
    """Its version."""

    filename: str = ""
    """The name of the file; empty if the lock file has only hashes."""

    hashes: tuple[str, ...] = ()
    """Its hashes, as ``sha256:…``."""

    url: str = ""
    """Its URL, without credentials, if the lock file has it."""

    uploaded: str = ""
    """When it was uploaded to its index (RFC 3339), if the lock file has it (PEP 700, PEP 751)."""

    index: str = ""
    """The URL of the index that the lock file names for it, without credentials."""


def archive_digests(pins: Iterable[tuple[str, Iterable[str]]], also: object = None) -> dict[str, str]:
    """Return :attr:`Update.archives` for *pins*: the key ``name==version`` of each entry, and what pins it.

    Several entries with one key, for several platforms, become one digest, in any order. *also* is everything that
    changes what is installed from every archive, such as the tool's own settings: a value that JSON has.
    """
    import hashlib
    import json

    found: dict[str, list[str]] = {}
    for key, values in pins:
        found.setdefault(key, []).extend(values)
    digests = {}
    for key, values in found.items():
        # TOML also has dates, which JSON does not.
        text = json.dumps([sorted(values), also], sort_keys=True, default=str)
        digests[key] = hashlib.sha256(text.encode()).hexdigest()
    return digests


def locked_archives(tables: object) -> Iterator[LockedArchive]:
    """Yield the archives in *tables*, the parsed entries of a lock file in TOML.

    It reads the keys of ``pylock.toml`` (PEP 751) and those that uv, Poetry and PDM write: lists ``wheels`` and
    ``files``, tables ``sdist`` and ``archive``. Anything else is left out.
    """
    for table in _tables(tables):
        if not isinstance(table.get("name"), str):
            continue
        index = _index(table)
        listed = [one for key in ("wheels", "files") for one in _tables(table.get(key))]
        single = [one for key in ("sdist", "archive") for one in _tables([table.get(key)])]
        for one in (*listed, *single):
            url = redacted(str(one.get("url", "")))
            place = next((one[key] for key in ("file", "filename", "name", "path") if key in one), url)
            named = one.get("hashes")
            hashes = [f"{key}:{value}" for key, value in named.items()] if isinstance(named, dict) else []
            uploaded = one.get("upload-time", "")
            yield LockedArchive(
                name=table["name"],
                version=str(table.get("version", "")),
                filename=re.split(r"[?#]", str(place), maxsplit=1)[0].rpartition("/")[2],
                hashes=tuple(filter(HASH.fullmatch, (*hashes, str(one.get("hash", ""))))),
                url=url,
                # TOML has a type for times.
                uploaded=uploaded if isinstance(uploaded, str) else uploaded.isoformat(),
                index=index,
            )


def _index(table: dict[str, Any]) -> str:
    """Return the index that *table*, an entry of a lock file, names: as ``pylock.toml``, uv or Poetry write it."""
    source = table.get("source")
    places = source if isinstance(source, dict) else {}
    own = places.get("url") if places.get("type") == "legacy" else ""
    found = table.get("index") or places.get("registry") or own
    # A registry may also be a directory.
    return redacted(_LOGIN.sub("://", found)) if isinstance(found, str) and "://" in found else ""


def locked_requirements(text: str) -> tuple[LockEntry, ...]:
    """Return the entries of *text*, a requirements file with hashes as ``pip-compile --generate-hashes`` writes it.

    A requirement is pinned if it has a name, ``==`` or a URL, and a hash (SHA-256, SHA-384 or SHA-512) for pip's
    hash-checking mode. Any other line that installs something is an entry without pins: one that includes another
    file, an editable one, a path, one with another hash. Options that change how archives are chosen or built, such as
    ``--no-binary``, are pins of every entry. Variables (``${NAME}``) are not expanded.
    """
    entries, options = list[LockEntry](), list[str]()
    for line in filter(None, _lines(text)):
        requirement, separator, rest = line.partition(" -")
        if _INCLUDE.fullmatch(line):
            entries.append(LockEntry(key=redacted(line)))
        elif line.startswith("-"):
            options += [line] if not _WHERE_FROM.fullmatch(line) else []
        else:
            entries.append(_entry(requirement.strip(), f"{separator}{rest}".strip()))
    return tuple(
        LockEntry(key=e.key, pins=tuple(sorted((*e.pins, *options))), marker=e.marker) if e.pins else e
        for e in entries
    )


def _tables(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _lines(text: str) -> Iterator[str]:
    """Yield each logical line of *text* without its comment, joined as pip joins continued ones."""
    parts: list[str] = []
    for line in text.splitlines():
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line.rstrip("\\"))
            continue
        # A comment ends the line that it continues.
        parts.append(f" {line}" if is_comment else line)
        yield _said(parts)
        parts = []
    yield _said(parts)


def _said(parts: list[str]) -> str:
    line = "".join(parts)
    # Trying the pattern at every space in a line of hashes would take longer than everything else.
    return (_COMMENT.sub("", line) if "#" in line else line).strip()


def _entry(requirement: str, options: str) -> LockEntry:
    found = _PINNED.fullmatch(requirement)
    hashes = _OPTION_HASH.findall(options)
    if found is None:
        return LockEntry(key=redacted(requirement))
    hashes += [f"{algorithm}:{digest}" for algorithm, digest in _URL_HASH.findall(found["url"] or "")]
    key, marker = f"{found['name']}=={found['version'] or ''}", (found["marker"] or "").strip()
    if not hashes or not all(map(HASH.fullmatch, hashes)):
        return LockEntry(key=key, marker=marker)
    others = _OPTION_HASH.sub("", options).split()
    return LockEntry(key=key, pins=tuple(sorted((*hashes, *others))), marker=marker)
