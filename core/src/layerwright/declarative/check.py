"""Everything that is wrong with the file of a declaration, for those who write one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.declarative.read import read_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["problems"]


def problems(file: Path) -> tuple[str, ...]:
    """Return a line for each problem of the declaration *file*, with its key; none where it is right."""
    return read_file(file, shown=str(file)).problems
