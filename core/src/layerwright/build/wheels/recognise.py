"""Recognises the wheel that an installed distribution comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.wheels._beside import find_beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["recognised"]


def recognised(
    name: str, version: str, contents: Mapping[str, str], sites: Iterable[Path], minor: str
) -> str:
    """Return the hash of the wheel from which *version* of the distribution *name* was installed into one of *sites*.

    *contents* has the digest of the files of each wheel by its hash, and *minor* is the version of Python. Empty: the
    files are those of none of these wheels.
    """
    path = [str(site) for site in sites]
    return next(
        (
            value
            for value, digest in sorted(contents.items())
            if find_beside(name, version, {value: digest}, path=path, minor=minor) is not None
        ),
        "",
    )
