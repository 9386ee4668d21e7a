"""Diagnoses of the failures of `uv pip`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from layerwright import Diagnosis, install_diagnoses

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["diagnoses"]

# Not more than a few words, so that a long text that matches nothing is searched in no time.
_CLAIM = r"(?P<{}>(?:all versions of )?\S+ depends? on \S*[^\s,]|you require \S*[^\s,])"
_INDEX = "PIP_INDEX_URL, or index-url in pip.conf"
# uv says only with its own strategy that an index refuses access. That one finds no distribution that pip's does not.
_MORE = {"UV_INDEX_STRATEGY": "first-index"}


@cache
def diagnoses() -> tuple[Diagnosis, ...]:
    """Return the diagnoses of uv's own words, and those that tools share."""
    # uv says that the index refuses access only after it says that there is no distribution.
    *shared, not_built = install_diagnoses(
        index=_INDEX,
        certificates="PIP_CERT",
        limit="write {requirement} to a file, and set PIP_BUILD_CONSTRAINT to its path",
    )
    return (*shared, *_own(), not_built)


def _own() -> Iterator[Diagnosis]:
    yield Diagnosis(
        pattern=r"Hash mismatch for (?:package metadata at )?`(?:\S*/)?(?P<what>[^`/]+)`"
        r"\s+Expected:\s+(?:sha\d+:\w+\s+)+Computed:\s+sha\d+:\w+",
        summary="An archive of {what} is not the one that was locked.",
        cause="Its hash is not the one in the requirements.",
        remedy=(
            "Find out who changed the archive, and whether it can be trusted.",
            "If the change is legitimate, lock again. If the download was damaged, build again.",
        ),
        reference="hash-mismatch",
    )
    yield Diagnosis(
        pattern=r"Hash-checking is required, but no trusted hash was provided for: `(?P<name>[\w.-]+)"
        r"|In `--require-hashes` mode, all requirements must have [^\n]*?: (?P<other>[\w.-]+)",
        summary="{name}{other} is not locked with a hash.",
        cause="Other requirements have hashes, so every distribution needs one.",
        remedy=(
            "Lock again, with everything: `uv pip compile --generate-hashes`, or"
            " `pip-compile --generate-hashes --allow-unsafe`.",
        ),
        reference="requirement-without-hash",
    )
    yield Diagnosis(
        pattern=r"does not satisfy Python(?P<python>\S+) and (?P<what>\S+) depends on Python",
        summary="{what} does not support this Python.",
        cause="It requires Python {python}.",
        remedy=(
            "Choose a version that supports this Python.",
            "Or build with another Python: set python.version, or write it to .python-version.",
        ),
        reference="not-for-this-python",
    )
    yield Diagnosis(
        pattern=r"(?<!\S)(?P<what>\S{1,200}) has no wheels? with a matching",
        summary="No archive of {what} fits this Python and this machine.",
        cause="There are wheels only for others, and no source to build from.",
        remedy=(
            "Choose a version of it that has a wheel for this Python.",
            "Or build with another Python: set python.version.",
        ),
        reference="not-for-this-python",
    )
    yield Diagnosis(
        pattern=r"(?<!\S)(?P<name>\S{1,200}) was not found in the (?:package registry|provided package locations)",
        summary="There is no distribution {name}.",
        cause="The package index does not have it.",
        remedy=("Correct the name in the requirements.", f"If another index has it, add that: {_INDEX}."),
        reference="no-such-distribution",
        more=_MORE,
    )
    yield Diagnosis(
        pattern=r"Because only (?P<available>.{1,200}?) (?:is|are) available and you require"
        r" (?P<asked>\S+?), we can conclude",
        summary="There is no {asked}.",
        cause="The package index has {available}.",
        remedy=("Correct the version in the requirements.",),
        reference="no-such-version",
    )
    yield Diagnosis(
        pattern=r"there is no version of (?P<asked>\S+?),? ",
        summary="There is no {asked}.",
        cause="The package index has other versions of it.",
        remedy=("Correct the version in the requirements.",),
        reference="no-such-version",
    )
    # uv prints all steps of its proof; the first two claims about dependencies contradict each other.
    for pattern in (
        rf"Because {_CLAIM.format('one')} and you require [^\s,]+, we can conclude that [^,]{{1,300}}?\."
        rf" And because {_CLAIM.format('other')},? ",
        rf"Because {_CLAIM.format('one')} and {_CLAIM.format('other')},? ",
        rf"Because only \S+ is available and {_CLAIM.format('one')}, we can conclude that [^,]*?\."
        rf" And because {_CLAIM.format('other')},? ",
        r"Because you require (?P<one>[^\s,]+) and (?P<other>[^\s,]+), we can conclude",
        r"No solution found when resolving dependencies:?\s+(?:cause:|╰─▶)\s*(?P<one>.*)\n\s*(?P<other>.*)",
    ):
        yield Diagnosis(
            pattern=pattern,
            summary="Two requirements cannot both be met.",
            cause="{one}\n{other}",
            remedy=(
                "Loosen or remove the version of one of them in the requirements.",
                "Or choose another version of the distribution that requires it.",
            ),
            reference="requirements-conflict",
        )
