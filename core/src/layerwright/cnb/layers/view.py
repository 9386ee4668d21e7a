"""A layers directory to read from, of which some layers are somewhere else for the moment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.cnb.layers.layer import LayersDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["LayersView", "Places"]


class Places(NamedTuple):
    """Where the contents and the ``<layer>.toml`` of a layer are, for each of them if it is there at all."""

    contents: Path
    record: Path


class LayersView(LayersDirectory):
    """The layers directory at *path* as it will be, once its layers are brought there from their *places*.

    It is for reading only: what it tells is where layers will be, but nothing is changed there.
    """

    def __init__(
        self, path: Path, places: Mapping[str, Places], *, altered: Callable[[Path], tuple[str, ...]]
    ) -> None:
        super().__init__(path, altered=altered)
        self._places: Final = places

    def names(self) -> tuple[str, ...]:
        """Return the name of every layer that there will be, sorted."""
        return tuple(
            sorted(name for name, places in self._places.items() if any(map(os.path.lexists, places)))
        )

    def contents_path(self, name: str) -> Path:
        """Return where the contents of layer *name* are now."""
        return self._places[name].contents if name in self._places else super().contents_path(name)

    def _toml(self, name: str) -> Path:
        return self._places[name].record if name in self._places else super()._toml(name)
