"""The clock of file systems, which advances by milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.files.trees.unpacked import Unpacked

__all__ = ["wait_until_later"]


def wait_until_later(unpacked: Unpacked) -> None:
    """Return when a change of the tree can be told from its unpacking."""
    file = unpacked.tree.with_name("clock")
    file.touch()
    while file.stat().st_ctime_ns <= unpacked.done:
        file.touch()
    file.unlink()
