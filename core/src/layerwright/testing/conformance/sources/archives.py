"""Checks of the archives that a lock file names, for package managers that return them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from layerwright.contract.locked import HASH, LockedArchive
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked
from layerwright.plugins.blame import blaming, checked_value
from layerwright.testing.conformance._secrets import SECRET
from layerwright.testing.conformance.trial.verdict import changes, fail, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.testing.conformance.trial.subject import Subject

__all__ = ["ArchiveChecks"]

_WHAT: Final = "Locked.archives"


class ArchiveChecks:
    """Bills of materials, provenance and the policy say which archives something was installed from."""

    def test_locked_archives_are_those_of_the_lock_file(self, subject: Subject) -> None:
        """Each locked release has an archive with its name, version and hash, and nothing else has one."""
        found = _archives(subject)
        if found is None:
            return
        known = {one.name: one.sha256 for one in subject.releases}
        wanted = {f"{one.name} {one.version}": f"sha256:{one.sha256}" for one in subject.releases}
        read = {
            # Without a SHA-256, the name and the version are enough.
            f"{normalised_name(one.name)} {one.version}": " ".join(
                each for each in one.hashes if each.startswith("sha256:")
            )
            or f"sha256:{known.get(normalised_name(one.name), '')}"
            for one in found
        }
        if read != wanted:
            fail(
                "Locked.archives does not return the archives in the lock file.",
                why="A bill of materials names the archive of each distribution, and the policy checks its hash.",
                instead="return a LockedArchive for each archive; locked_archives() reads most lock files in TOML.",
                shown=changes(wanted, read),
            )

    def test_values_of_locked_archives_are_well_formed(self, subject: Subject) -> None:
        """File names are those of wheels or source archives, hashes have an algorithm, times are RFC 3339."""
        wrong = [
            f"{one.name} {one.version}: {words}"
            for one in _archives(subject) or ()
            for words in (*_wrong_file(one), *_wrong_values(one))
        ]
        if wrong:
            fail(
                "Some values of a LockedArchive have another form than the contract says.",
                why="Core looks for the installed archive by the tags in its file name, compares times with the rules,"
                " and writes its hashes and its URL into documents that have schemas.",
                instead='leave out what the lock file does not have: "" or (), and convert the rest.',
                shown=wrong,
            )

    def test_locked_archives_have_no_credentials(self, subject: Subject) -> None:
        """A credential in a URL of the lock file is not in the archives."""
        secret = f"https://reader:{SECRET}@example.com"
        releases = (
            replace(one, url=one.url.replace("https://example.com", secret)) for one in subject.releases
        )
        subject.application(subject.app, tuple(releases), f"{secret}/simple/")
        shown = [repr(one) for one in _archives(subject, refusable=True) or () if SECRET in repr(one)]
        if shown:
            fail(
                "Credentials are in the archives that the lock file names.",
                why="Their URLs become part of bills of materials and provenance, which everyone may read.",
                instead="pass redacted(url), as locked_archives() does.",
                shown=shown,
            )


def _archives(subject: Subject, *, refusable: bool = False) -> tuple[LockedArchive, ...] | None:
    """Return the archives; ``None``: the package manager returns none, or refuses the application if *refusable*."""
    described = subject.describe_if_it_can_be() if refusable else subject.describe()
    sameness = described.install.sameness if described is not None else None
    if not isinstance(sameness, Locked) or sameness.archives is None:
        return None
    name = subject.manager.name
    with told():
        with blaming(name, _WHAT):
            found = tuple(sameness.archives())
        return tuple(checked_value(one, LockedArchive, name, _WHAT) for one in found)


def _wrong_file(one: LockedArchive) -> Iterator[str]:
    if not one.filename:
        return
    try:
        name, version = (
            parse_wheel_filename(one.filename)[:2]
            if one.filename.endswith(".whl")
            else parse_sdist_filename(one.filename)
        )
        expected = Version(one.version) if one.version else version
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion) as error:
        yield f"filename {one.filename!r}: {error}"
        return
    if (name, version) != (normalised_name(one.name), expected):
        yield f"filename {one.filename!r} is that of {name} {version}"


def _wrong_values(one: LockedArchive) -> Iterator[str]:
    yield from (f"hash {each!r}" for each in one.hashes if not HASH.fullmatch(each))
    parts = urlsplit(one.url)
    if one.url and not parts.scheme:
        yield f"url {one.url!r} is not absolute"
    if one.uploaded:
        try:
            has_zone = datetime.fromisoformat(one.uploaded).tzinfo is not None
        except ValueError:
            has_zone = False
        if not has_zone:
            yield f"uploaded {one.uploaded!r}"
