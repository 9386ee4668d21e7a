"""Removes files in which installers record how they were called, not what they installed.

With these files, an updated environment would differ from a fresh one, and one fresh environment from the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import record_files

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["forget_occasion"]

# REQUESTED: whether a distribution was requested by name, which tools also write when they reinstall a dependency
# (https://packaging.python.org/en/latest/specifications/recording-installed-packages/). uv_cache.json: the times of a
# local directory when it was built, by which uv detects changes: here, digests of its files are compared. Several
# plugins can run uv, and it is in any environment that it has touched.
_NAMES: Final = ("REQUESTED", "uv_cache.json")


def forget_occasion(site_packages: Path) -> None:
    """Remove these files from each distribution in *site_packages*, with their lines in ``RECORD``."""
    for record in record_files(site_packages):
        found = [path for path in (record.with_name(name) for name in _NAMES) if path.exists()]
        if not found:
            continue
        starts = tuple(f"{path.parent.name}/{path.name},".encode() for path in found)
        lines = record.read_bytes().splitlines(keepends=True)
        # Replaced, not overwritten: a tool's cache or the last build may share the file by a hard link.
        for path in (*found, record):
            path.unlink()
        record.write_bytes(b"".join(line for line in lines if not line.startswith(starts)))
