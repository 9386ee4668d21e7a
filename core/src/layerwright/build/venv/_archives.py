"""Detects distributions that were installed from another archive than the lock file names, with the same version.

Package managers accept an installed distribution if its version is right. A fresh environment would have the archive
that the lock file names now: a rebuilt wheel, an edited local directory, or a build with other settings.
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
    """Return the keys of *archives*, digests by ``name==version``, that differ from those that *layer* was filled from.

    Distributions that were not installed in that version are ignored. Without a readable record, all are returned.
    """
    import json

    try:
        before = dict(json.loads((layer / _RECORD).read_bytes()))
    except (OSError, ValueError, TypeError):
        return tuple(archives)
    return tuple(key for key, digest in archives.items() if before.get(key, digest) != digest)


def record_archives(layer: Path, archives: Mapping[str, str]) -> None:
    """Record in *layer* that it is filled from *archives*."""
    import json

    # Replaced, not overwritten: the last build shares the file by a hard link.
    write_atomically(layer / _RECORD, json.dumps(archives, indent=1, sort_keys=True) + "\n")
