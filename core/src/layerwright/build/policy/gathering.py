"""Gathers what a policy judges: from a lock file, from a resolution, and from the installed files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from layerwright.build.policy.candidate import NO_DISTRIBUTION, Archive, Candidate, Origin
from layerwright.build.policy.known_code import is_known_code
from layerwright.build.wheels.tags import best_archive
from layerwright.contract.locked import HASH
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from layerwright.contract.locked import LockedArchive
    from layerwright.contract.sameness import Resolved
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["installed", "locked", "narrowed", "resolved"]

_ARCHIVES: Final = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
_VCS: Final = ("git+", "hg+", "svn+", "bzr+")


def locked(
    archives: Iterable[LockedArchive], names: Collection[str] | None, minor: str
) -> tuple[Candidate, ...]:
    """Return the distributions of *archives* with one of *names*, normalised ones, or all of them.

    Each has only those of its archives that fit CPython *minor* and this machine best.
    """
    found: dict[tuple[str, str], list[LockedArchive]] = {}
    for one in archives:
        name = normalised_name(one.name)
        if names is None or name in names:
            found.setdefault((name, one.version), []).append(one)
    return tuple(
        narrowed(
            Candidate(
                name=name,
                version=version,
                index=next(filter(None, (one.index for one in each)), ""),
                archives=tuple(
                    Archive(
                        filename=one.filename,
                        hashes=frozenset(value.lower() for value in one.hashes),
                        uploaded=one.uploaded,
                    )
                    for one in each
                ),
                is_locked=all(one.hashes for one in each),
            ),
            minor,
        )
        for (name, version), each in sorted(found.items())
    )


def resolved(found: Iterable[Resolved], *, is_locked: bool) -> tuple[Candidate, ...]:
    """Return the distributions of a resolution; *is_locked*: the requirements have the hashes."""
    return tuple(
        Candidate(
            name=one.name,
            version=one.version,
            origin=origin_of(one.url),
            archives=(
                Archive(
                    filename=one.archive,
                    hashes=frozenset(value.lower() for value in one.hashes if HASH.fullmatch(value)),
                ),
            ),
            url=one.url,
            is_locked=is_locked,
        )
        for one in sorted(found, key=lambda one: one.name)
    )


def installed(
    site_packages: Path, interpreter: Interpreter, planned: Iterable[Candidate], *, is_locked: bool
) -> tuple[Candidate, ...]:
    """Return the distributions in *site_packages*, each with what was *planned* for it and what its files say.

    *is_locked*: everything that was not planned is locked by hash, too. Files with code that runs at every start, and
    that no distribution has, are a candidate as well.
    """
    from layerwright.build.bom.installed import distributions
    from layerwright.build.installed.dist_info import installed_in
    from layerwright.build.installed.startup import startup_code

    before = {(one.name, one.version): one for one in planned}
    components = {one.name: one for one in distributions(site_packages, interpreter.version)}
    code: dict[str, dict[bool, list[str]]] = {}
    own = set()
    for one in startup_code(site_packages):
        name = normalised_name(one.label.partition(" ")[0]) if one.label else NO_DISTRIBUTION
        is_known = one.is_known or is_known_code(name, site_packages / one.file)
        code.setdefault(name, {}).setdefault(is_known, []).append(one.file)
        own |= {name} if one.is_editable else set()
    found = []
    for there in installed_in(site_packages):
        known = before.get((there.name, there.version)) or Candidate(
            name=there.name, version=there.version, is_locked=is_locked
        )
        origin = origin_of(there.url) if there.url else known.origin
        component, files = components.get(there.name), code.pop(there.name, {})
        found.append(
            replace(
                known,
                origin=Origin.DIRECTORY if there.name in own else origin,
                url=there.url or known.url,
                licence=component.licence.expression if component else "",
                licence_names=component.licence.names if component else (),
                startup_files=tuple(files.get(False, ())),
                known_startup_files=tuple(files.get(True, ())),
            )
        )
    stray = [file for kinds in code.values() for files in kinds.values() for file in files]
    if stray:
        found.append(
            Candidate(name=NO_DISTRIBUTION, version="", origin=Origin.FILE, startup_files=tuple(stray))
        )
    return tuple(found)


def narrowed(one: Candidate, minor: str) -> Candidate:
    """Return *one* with the archive that fits CPython *minor* and this machine best, if the names say which."""
    if len(one.archives) < 2 or not all(archive.filename for archive in one.archives):
        return one
    best = best_archive((archive.filename for archive in one.archives), minor)
    return replace(one, archives=tuple(a for a in one.archives if a.filename == best)) if best else one


def origin_of(url: str) -> Origin:
    """Return where a distribution with the direct reference *url* comes from; an index if it is empty."""
    if not url:
        return Origin.INDEX
    parts = urlsplit(url)
    is_archive = unquote(parts.path).lower().endswith(_ARCHIVES)
    if parts.scheme == "file":
        return Origin.FILE if is_archive else Origin.DIRECTORY
    # With a commit after it, which is not that of an archive.
    return Origin.URL if is_archive and not url.startswith(_VCS) else Origin.REPOSITORY
