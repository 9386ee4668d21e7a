"""Diagnoses of the failures of uv."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from layerwright import Diagnosis, install_diagnoses

__all__ = ["diagnoses"]


if TYPE_CHECKING:
    from layerwright_uv.lock_file import Lock

_MOST_SHOWN: Final = 10
_FROZEN: Final = ("layerwright config set uv.frozen true", "set LAYERWRIGHT_UV_FROZEN to true")


@cache
def diagnoses(lock: Lock) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of uv's own words for an installation from *lock*, and those that tools share."""
    declared = (lock.declaration, *lock.others)
    shown = ", ".join(declared[:_MOST_SHOWN]) + (", …" if len(declared) > _MOST_SHOWN else "")
    subject = "the projects that it locks" if lock.others and not lock.script else lock.declaration
    # uv does not say which.
    changed = "One of these" if lock.others else lock.declaration
    which = f": {shown}" if lock.others else ""
    return (
        Diagnosis(
            # It calls every lock file uv.lock.
            pattern=r"lockfile at `[^`]+` needs to be updated",
            summary=f"{lock.file} does not match {subject}.",
            cause=f"{changed} was changed after {lock.file} was written{which}.",
            remedy=(
                f"Run `{lock.command}`, commit {lock.file}, and build again.",
                f"If {lock.file} is correct, install it without this check: {_FROZEN[bool(lock.script)]}",
            ),
            reference="stale-lock-file",
        ),
        Diagnosis(
            pattern=r"Hash mismatch for (?:package metadata at )?`(?:\S*/)?(?P<what>[^`/]+)`"
            r"\s+Expected:\s+(?:sha\d+:\w+\s+)+Computed:\s+sha\d+:\w+",
            summary="An archive of {what} is not the one that was locked.",
            cause="Its hash is not the one in the lock file.",
            remedy=(
                "Find out who changed the archive, and whether it can be trusted.",
                f"If the change is legitimate, run `{lock.command} --refresh`, and commit the lock file.",
                "If the download was damaged, build again.",
            ),
            reference="hash-mismatch",
        ),
        Diagnosis(
            pattern=r"`(?P<what>[^`@\s]{1,200})[^`]{0,300}` can't be installed because it doesn't have a source"
            r" distribution or wheel for the current platform",
            summary="No archive of {what} fits this Python and this machine.",
            cause="There are wheels only for others, and no source to build from.",
            remedy=(
                "Choose a version of it that has a wheel for this Python, and lock it.",
                "Or build with another Python: set python.version, or write it to .python-version.",
            ),
            reference="not-for-this-python",
        ),
        Diagnosis(
            pattern=r"(?:Python|interpreter)[^\n]{0,80}(?P<python>\d+\.\d+\.\d+)[^\n]{0,40}"
            r" is incompatible with the project's Python requirement:? `(?P<bounds>[^`]+)`",
            summary="Python {python} is not among those that the application supports.",
            cause="requires-python in pyproject.toml is {bounds}.",
            remedy=("Build with another Python: set python.version, or write it to .python-version.",),
            reference="not-for-this-python",
        ),
        *install_diagnoses(
            index="[[tool.uv.index]] in pyproject.toml, or UV_DEFAULT_INDEX",
            limit="add {requirement} to build-constraint-dependencies in [tool.uv] of pyproject.toml, and lock again",
        ),
    )
