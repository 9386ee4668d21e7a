"""Takes out of installed distributions what installers note of the one occasion, not of what they installed.

With these files, an environment that was updated differs from a fresh one, and a fresh one from the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import DIST_INFO

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["forget_occasion"]

# Whether somebody asked for a distribution by its name: to a tool, also where it installs again what is a dependency
# (https://packaging.python.org/en/latest/specifications/recording-installed-packages/). And the times of a local
# directory when it was built, by which uv knows that it changed: here, digests of its files are compared.
_NAMES: Final = ("REQUESTED", "uv_cache.json")


def forget_occasion(site_packages: Path) -> None:
    """Remove the files of the occasion from each distribution in *site_packages*, and their lines in ``RECORD``."""
    for record in site_packages.glob(f"*{DIST_INFO}/RECORD"):
        found = [path for path in (record.with_name(name) for name in _NAMES) if path.exists()]
        if not found:
            continue
        starts = tuple(f"{path.parent.name}/{path.name},".encode() for path in found)
        lines = record.read_bytes().splitlines(keepends=True)
        # Replaced and not overwritten: a tool's cache, or the last build, may have the same file by a hard link.
        for path in (*found, record):
            path.unlink()
        record.write_bytes(b"".join(line for line in lines if not line.startswith(starts)))
