"""Tells what a virtual environment has from another archive than it should, though the version is the same.

Package managers take an installed distribution for right when its version is. A fresh environment would have what the
lock file names now: a rebuilt wheel, a local directory that was edited, or a build with other settings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["outdated", "record_archives"]

_RECORD: Final = "archives.json"


def outdated(layer: Path, archives: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of *archives*, digests by ``name==version``, are not those that *layer* was filled from.

    What was not there in that version does not count. Without a record that can be read, all of them are.
    """
    import json

    try:
        before = dict(json.loads((layer / _RECORD).read_bytes()))
    except (OSError, ValueError, TypeError):
        return tuple(archives)
    return tuple(key for key, digest in archives.items() if before.get(key, digest) != digest)


def record_archives(layer: Path, archives: Mapping[str, str]) -> None:
    """Remember that *layer* is filled from *archives*."""
    import json

    # Replaced and not overwritten: the last build, kept aside by hard links, has the same file.
    write_atomically(layer / _RECORD, json.dumps(archives, indent=1, sort_keys=True) + "\n")
