"""A read-only layers directory, some of whose layers are in other places for the moment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.cnb.layers.layer import LayersDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["LayersView", "Places"]


class Places(NamedTuple):
    """The paths of the contents and the ``<layer>.toml`` of a layer, each ``None`` if it does not exist."""

    contents: Path
    record: Path


class LayersView(LayersDirectory):
    """The layers directory at *path* as it will be once its layers are moved there from their *places*.

    It is read-only: paths are those of the future, and nothing is changed there.
    """

    def __init__(
        self, path: Path, places: Mapping[str, Places], *, altered: Callable[[Path], tuple[str, ...]]
    ) -> None:
        super().__init__(path, altered=altered)
        self._places: Final = places

    def names(self) -> tuple[str, ...]:
        """Return the name of every future layer, sorted."""
        return tuple(
            sorted(name for name, places in self._places.items() if any(map(os.path.lexists, places)))
        )

    def contents_path(self, name: str) -> Path:
        """Return the current path of the contents of layer *name*."""
        return self._places[name].contents if name in self._places else super().contents_path(name)

    def _toml(self, name: str) -> Path:
        return self._places[name].record if name in self._places else super()._toml(name)
