"""Detects changes to a layer since its build, on a file system where anyone can write into it.

A container platform restores layers from verified archives. Here a file may have been deleted or edited meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.files.checksummed import read_checksummed, write_checksummed
from layerwright.files.trees.seal import altered_since, seal_from
from layerwright.process.forks import forked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from layerwright.files.trees.tree import Tree

__all__ = ["Seals"]

# Bytes of seals, those of about 4,000 files and directories: comparing fewer takes less time than a fork.
_WORTH_A_FORK: Final = 160_000


class Seals:
    """The seals in the directory at *path*, one for each layer."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        # None without an intact seal: there is nothing to compare with.
        self._compared: dict[str, tuple[str, ...] | None] = {}
        self._begun: Callable[[], dict[str, tuple[str, ...] | None] | None] | None = None

    def seal(self, layers: Sequence[Tree]) -> Callable[[], None]:
        """Begin, on another core, to record the state of *layers*; return a function that waits and stores it."""

        def look() -> list[bytes]:
            return [seal_from(layer) for layer in layers]

        begun = forked(look) if layers else list

        def remember() -> None:
            found = begun()
            contents = look() if found is None else found
            self._path.mkdir(parents=True, exist_ok=True)
            for layer, content in zip(layers, contents, strict=True):
                self._compared.pop(layer.root.name, None)
                write_checksummed(self._file(layer.root.name), content)

        return remember

    def forget(self, name: str) -> None:
        """Remove the seal of the layer *name* before it is changed."""
        self.finish()
        self._compared.pop(name, None)
        self._file(name).unlink(missing_ok=True)

    def is_sealed(self, name: str) -> bool:
        """Return whether the layer *name* has an intact seal."""
        if name in self._compared:
            return self._compared[name] is not None
        return read_checksummed(self._file(name)) is not None

    def begin(self, layers: Iterable[Path]) -> None:
        """Begin to compare *layers* again, on another core if they are large, so that :meth:`altered` waits little."""
        self.finish()
        # Results of another build or launch of this process may be outdated.
        self._compared.clear()
        sizes = {layer: size for layer in layers if (size := self._size(layer.name))}
        if not sizes:
            return

        def compare() -> dict[str, tuple[str, ...] | None]:
            return {layer.name: self._compare(layer) for layer in sizes}

        self._begun = forked(compare) if sum(sizes.values()) > _WORTH_A_FORK else compare

    def finish(self) -> None:
        """Wait for the running comparison, if there is one."""
        begun, self._begun = self._begun, None
        if begun is not None and (found := begun()) is not None:
            self._compared |= found

    def altered(self, layer: Path) -> tuple[str, ...]:
        """Return the innermost files and directories in *layer* that changed since they were sealed.

        Without a seal there are none. They are compared once: one build sees one state of the layer.
        """
        self.finish()
        if layer.name not in self._compared:
            self._compared[layer.name] = self._compare(layer)
        return self._compared[layer.name] or ()

    def _compare(self, layer: Path) -> tuple[str, ...] | None:
        sealed = read_checksummed(self._file(layer.name))
        if sealed is None:
            return None
        try:
            return altered_since(layer, sealed)
        except OSError:
            return ()

    def _size(self, name: str) -> int:
        try:
            return self._file(name).stat().st_size
        except FileNotFoundError:
            return 0

    def _file(self, name: str) -> Path:
        return self._path / name
