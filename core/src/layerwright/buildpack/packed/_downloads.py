"""Puts back the downloads of a package manager after a build that changed no layer.

A package manager that resolves first writes pages of its index to its cache, whose layer would be exported again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from layerwright.files.removal import remove_tree
from layerwright.files.trees.linking import link_tree
from layerwright.files.trees.seal import altered_since, seal_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Downloads"]


class Downloads:
    """The state of the cache *layer* now, kept in the directory *place*, which does not exist, by hard links."""

    def __init__(self, layer: Path, place: Path) -> None:
        self._layer: Final = layer
        self._place: Final = place
        link_tree(os.fspath(layer), os.fspath(place))
        self._seal: Final = seal_of(place)

    def put_back(self) -> bool:
        """Make the layer what it was; return ``False`` if that is not possible.

        A package manager that writes into existing files changes what is kept as well.
        """
        if altered_since(self._place, self._seal):
            return False
        remove_tree(self._layer)
        self._place.rename(self._layer)
        return True
