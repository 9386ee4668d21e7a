"""The outline of a layer: the names in it that a build with nothing changed looks for, without the contents.

These are the programs, the distributions, and the directories that platforms add to search paths.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from layerwright.build.installed.dist_info import DIST_INFO, editable_from, record_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["outline_of", "write_outline"]

_ROOTS: Final = ("bin", "include", "lib", "pkgconfig")
_PROGRAMS: Final = "bin"
# The outline is in a label of the image.
_MOST: Final = 64 * 1024
_SEPARATOR: Final = "/"


def outline_of(layer: Path) -> dict[str, str] | None:
    """Return the outline of *layer*: the names in each directory, separated by slashes; ``None``: there is none.

    A label holds no name that is not UTF-8, and should not be long. Where the source of an editable distribution is, a
    build reads in a file.
    """
    if any(True for place in _site_packages(layer) for _ in editable_from(place)):
        return None
    found = {name: _SEPARATOR.join(sorted(names)) for name, names in _directories(layer)}
    try:
        size = sum(len(text.encode()) for text in found.values())
    except UnicodeEncodeError:
        return None
    return found if size <= _MOST else None


def write_outline(layer: Path, outline: Mapping[str, str], files: Mapping[str, bytes]) -> None:
    """Create *layer*, which does not exist, with empty files by the names in *outline*, and its environment *files*."""
    layer.mkdir(mode=0o755)
    for directory, text in outline.items():
        place = layer / directory
        place.mkdir(parents=True, exist_ok=True)
        for name in filter(None, text.split(_SEPARATOR)):
            file = place / name / "RECORD" if name.endswith(DIST_INFO) else place / name
            file.parent.mkdir(exist_ok=True)
            file.touch(0o755)
    for relative, content in files.items():
        file = layer / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _directories(layer: Path) -> Iterator[tuple[str, list[str]]]:
    for root in _ROOTS:
        place = layer / root
        if place.is_dir():
            yield root, [f.name for f in place.iterdir() if _is_program(f)] if root == _PROGRAMS else []
    for place in _site_packages(layer):
        yield os.path.relpath(place, layer), [record.parent.name for record in record_files(place)]


def _site_packages(layer: Path) -> list[Path]:
    return sorted(layer.glob("lib/python*/site-packages"))


def _is_program(file: Path) -> bool:
    # A link leads to another layer, whose contents may not be there.
    return file.is_symlink() or (file.is_file() and os.access(file, os.X_OK))
