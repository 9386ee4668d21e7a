"""A layer of a few generated programs, which belong to root."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from layerwright.image.layers.tar import DIRECTORY, FILE, Member
from layerwright.image.layers.trees import DIRECTORY_MODE, Owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Programs"]

_ROOT = Owner(0, 0)


@dataclass(frozen=True, kw_only=True)
class Programs:
    """Programs by their absolute paths; *words* say what they are for."""

    words: str
    texts: Mapping[str, str] = field(repr=False)

    @property
    def identity(self) -> str:
        """The paths and texts."""
        return json.dumps(sorted(self.texts.items()))

    def members(self) -> Iterator[tuple[Member, bytes | Path]]:
        """Yield the programs after the directories that they are in."""
        folders = {parent for path in self.texts for parent in Path(path).parents[:-1]}
        for folder in sorted(folders):
            yield Member(os.fsencode(folder), DIRECTORY, DIRECTORY_MODE, *_ROOT), b""
        for path, text in sorted(self.texts.items()):
            content = os.fsencode(text)
            yield Member(os.fsencode(path), FILE, 0o755, *_ROOT, len(content)), content
