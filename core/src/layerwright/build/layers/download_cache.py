"""The cache layer: downloads and builds of a package manager, never in an image."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from layerwright.build._decide import LayerSpec
from layerwright.build.layers import names
from layerwright.cnb.layers.layer import LayerTypes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layerwright.build._contribute import Contributor
    from layerwright.build._specify import Described
    from layerwright.build.request import BuildRequest
    from layerwright.build.store.downloads import SharedDownloads
    from layerwright.cnb.layers.layer import LayersDirectory
    from layerwright.contract.package_manager import PackageManager
    from layerwright.output.log import Log
    from layerwright.process.command import Completed

__all__ = ["Loan", "contribute_cache", "describe_cache", "shared_downloads"]


def describe_cache(manager: PackageManager) -> LayerSpec:
    """Return the layer for the downloads of *manager*, which validates its own cache."""
    return LayerSpec(
        name=names.cache_layer(manager.name),
        types=LayerTypes(cache=True),
        inputs={"package manager": manager.name},
    )


def contribute_cache(contributor: Contributor, spec: LayerSpec) -> None:
    """Keep or create the cache's directory; the package manager manages its contents."""
    contributor.contribute(spec, create=lambda _layer: None, at_once=True)


def shared_downloads(
    request: BuildRequest, described: Described, contributor: Contributor, log: Log
) -> SharedDownloads | None:
    """Return the downloads that the package manager of *described* shares with other builds of this user, if any."""
    kept = described.install.shares
    if kept is None or request.store is None:
        return None
    from layerwright.build.store.downloads import SharedDownloads

    return SharedDownloads(
        request.store,
        kept,
        request.layers.path,
        afresh=contributor.is_discarded(described.venv),
        tell=log.note,
    )


class Loan:
    """Lends the download cache *spec* to commands; writes its ``<layer>.toml`` again if they leave it intact.

    A killed command may leave half of an archive, which some package managers treat as complete, and so may a power
    cut after any command. So ``<layer>.toml`` is removed before the first command, and a cache without one is removed
    before anything can read it: by the next command, or by the next build.

    With *fill*, the commands get what this puts into the empty directory, and nothing of the last build. Otherwise, in
    place of a new cache, they get the one that *shared* returns, if any, by a symbolic link. So their words are the
    same with and without it.
    """

    def __init__(
        self,
        layers: LayersDirectory,
        spec: LayerSpec,
        *,
        fill: Callable[[Path], None] | None = None,
        shared: Callable[[], SharedDownloads | None] = lambda: None,
    ) -> None:
        self._layers: Final = layers
        self._spec: Final = spec
        self._fill: Final = fill
        self._find_shared = shared
        self._shared: SharedDownloads | None = None
        self._used = False
        self._cut_off = layers.restored(spec.name).metadata is None
        # The times of files are slightly behind the clock.
        self._since = time.time() - 1

    @property
    def is_due(self) -> bool:
        """Whether commands have used the cache, and none of them was killed since it was empty."""
        return self._used and not self._cut_off

    def run(self, run: Callable[[], Completed]) -> Completed:
        """Call *run*, which runs a command, and return its result."""
        if self._cut_off or (self._fill is not None and not self._used):
            layer = self._layers.create(self._spec.name)
            if self._fill is not None:
                self._fill(layer)
            else:
                self._lend_shared(layer)
        elif not self._used:
            self._layers.invalidate(self._spec.name)
        self._used = self._cut_off = True
        completed = run()
        if completed.returncode > 0 and self._shared is not None and self._shared.explains(completed.output):
            self._give_back_shared(intact=False)
            self._layers.create(self._spec.name)
            completed = run()
        self._cut_off = completed.returncode < 0
        return completed

    def _lend_shared(self, layer: Path) -> None:
        if self._used:
            # A killed command may have left half of an archive there, too.
            self._give_back_shared(intact=False)
            return
        self._shared = self._find_shared()
        found = None if self._shared is None else self._shared.lend()
        if found is not None:
            layer.rmdir()
            layer.symlink_to(found)

    def end(self) -> None:
        """Remove the cache, which no later build gets, and give back the shared one."""
        self._layers.discard(self._spec.name)
        self._give_back_shared(intact=self.is_due)

    def _give_back_shared(self, *, intact: bool) -> None:
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.give_back(intact=intact)

    def settle(self) -> None:
        """Empty the cache if a command has left a secret in it: in a page of an index, or in the URL of an archive."""
        layer = self._layers.layer_path(self._spec.name)
        if not (self._used and layer.is_dir()):
            return
        from layerwright.build.installed.secretless import holds_secret

        if holds_secret(layer, since=self._since):
            self._layers.create(self._spec.name)

    def give_back(self) -> None:
        """Sync the cache and write its ``<layer>.toml`` again, if it is due."""
        layer = self._layers.layer_path(self._spec.name)
        if layer.is_symlink():
            self.end()
            return
        self.settle()
        if self.is_due and layer.is_dir():
            from layerwright.files.trees.size import size_of

            metadata = {**self._spec.metadata, "size": str(size_of(layer))}
            self._layers.write(self._spec.name, types=self._spec.types, metadata=metadata, env=self._spec.env)
