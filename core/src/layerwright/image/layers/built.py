"""A layer of the build as a layer of the image, at the path where platforms have it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from layerwright.errors import UserError
from layerwright.files.trees.placed import Moves, PathsError, find_placed, rewritten
from layerwright.image.layers.trees import tree_members

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.layers.tar import Member
    from layerwright.image.layers.trees import Owner

__all__ = ["BUILDPACK", "LAYERS", "BuiltLayer", "layer_path"]

BUILDPACK: Final = "layerwright/python"
"""The ID of the ready-made buildpack, whose layers are at the same paths."""
LAYERS: Final = f"/layers/{BUILDPACK.replace('/', '_')}"
"""The layers directory in an image, as platforms have it by default."""


def layer_path(name: str) -> str:
    """Return the path of the layer *name* in an image."""
    return f"{LAYERS}/{name}"


@dataclass(frozen=True, kw_only=True)
class BuiltLayer:
    """The layer *name* of a build into a layers directory: its directory, and the digest of its contents.

    *moves* are the paths of the layers directory and of the application, with those in the image.
    """

    name: str
    path: Path
    contents: str
    moves: Moves = field(repr=False)
    owner: Owner

    @property
    def identity(self) -> str:
        """Equal for the same contents at the same paths."""
        return json.dumps([self.name, self.contents, *self.moves, self.owner]) if self.contents else ""

    @property
    def words(self) -> str:
        """The words of the lifecycle."""
        return f"Layer: '{self.name}', Created by buildpack: {BUILDPACK}"

    def members(self) -> Iterator[tuple[Member, bytes | Path]]:
        """Yield the members; ``UserError``: a file that is not text contains its path."""
        try:
            placed = find_placed(self.path, self.moves)
            new = rewritten(placed, self.path, self.moves)
        except PathsError as error:
            raise UserError(
                f"The layer {self.name} cannot be put into an image.",
                cause=f"It works only where it was built: {error}.",
                remedy=(
                    "If a distribution is built from source here, install a wheel of it.",
                    "Or build the image with the buildpack, which builds at the path in the image.",
                ),
                reference="image-fixed-path",
            ) from error
        yield from tree_members(self.path, layer_path(self.name), self.owner, new)
