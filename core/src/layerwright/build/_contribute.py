"""Makes each layer match its specification, as decided.

A layer's ``<layer>.toml`` is the commit point: removed before the first change to the contents, written after the
last, so that a build that is killed in between leaves nothing that a later one mistakes for complete.
"""

from __future__ import annotations

import time
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.build._decide import Action, Decision, decide, from_store
from layerwright.build.layers.names import PRIVATE, STAND_INS
from layerwright.build.patches.separate import BYTECODE, DEPENDS
from layerwright.cnb.layers.layer_env import Scope, apply_build
from layerwright.errors import CommandFailed, SiteError
from layerwright.output.events import LayerBegun, LayerDone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from layerwright.build._decide import LayerSpec
    from layerwright.build.store.store import LayerStore
    from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes
    from layerwright.files.trees.tree import Tree
    from layerwright.output.log import Log

    Fill = Callable[[Path], "Filled | None"]
    Change = Callable[[Path, Path | None], "Filled | None"]
    Learn = Callable[[], Mapping[str, Any]]

__all__ = ["Contribution", "Contributor", "Filled", "NotLikeFresh"]

_FOUND: Final = ("resolution", "size", BYTECODE, DEPENDS)


class NotLikeFresh(Exception):
    """What an update led to may not be what a fresh layer would be; the message says why."""


class Filled(NamedTuple):
    """How a layer was filled: the digest of the installed resolved set, if there is one.

    ``tree`` is what was in it at some time, if that is known; since then no file was edited in place.
    """

    resolution: str | None = None
    tree: Tree | None = None


class Contribution(NamedTuple):
    """The result for a layer: its path, the decision, the time in seconds, and the size in bytes.

    ``exported`` are the types that it gets on the platform. ``tree`` is what was in the layer when it was measured,
    before its environment files were written, if that is known.
    """

    name: str
    path: Path
    types: LayerTypes
    decision: Decision
    seconds: float
    size: int
    exported: LayerTypes
    tree: Tree | None = None


class Contributor:
    """Makes layers match their specifications, and accumulates their build environment as the lifecycle does.

    Layers whose inputs determine their contents are taken from the store in the directory *store*, and put there, on
    another core: :meth:`settle` must be called before anything changes or removes them.
    """

    def __init__(
        self,
        layers: LayersDirectory,
        *,
        environment: Mapping[str, str],
        log: Log,
        store: Path | None = None,
    ) -> None:
        self._layers = layers
        self._environment = dict(environment)
        self._log = log
        self._store_path = store
        self.contributions: Final[list[Contribution]] = []
        self._offers: Final[list[Callable[[], object]]] = []

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the next command: the user's, modified by the layers so far."""
        made = [(c.name, c.path) for c in self.contributions if c.types.build]
        return apply_build(self._environment, made)

    def decide(self, spec: LayerSpec) -> Decision:
        """Return what :meth:`contribute` would do, without doing it."""
        return decide(self._layers.restored(spec.name), spec)

    def recorded(self, name: str) -> Mapping[str, object]:
        """Return the metadata of the layer *name* of the last build, empty without any."""
        return self._layers.restored(name).metadata or {}

    def is_discarded(self, spec: LayerSpec) -> bool:
        """Return whether the user has asked to create the layer of *spec*, whatever there is of it."""
        return bool(self._layers.restored(spec.name).discarded)

    def bring(self, name: str) -> None:
        """Bring back the contents of the layer *name*, if the platform has restored it without them."""
        self._layers.bring(name)

    @property
    def private(self) -> Path:
        """Our own directory among the layers."""
        return self._layers.path / PRIVATE

    def due_boms(self, formats: frozenset[str], *, again: Collection[str] = ()) -> tuple[Contribution, ...]:
        """Return the layers that need bills of materials in *formats*: changed, without one, or among *again*.

        Documents in other formats are removed. A layer whose contents are not here keeps those that it has.
        """
        due = [one for one in self.contributions if self._is_due(one, formats, again)]
        return tuple(due) if formats else ()

    def _is_due(self, one: Contribution, formats: frozenset[str], again: Collection[str]) -> bool:
        there = self._layers.sbom_formats(one.name)
        self._layers.remove_sboms(one.name, there - formats)
        # Download caches are in no image, and the stand-ins are our own scripts.
        if not (one.exported.launch or one.exported.build) or one.name == STAND_INS or not one.path.is_dir():
            return False
        return one.decision.action is not Action.KEEP or one.name in again or there < formats

    def creates(self, spec: LayerSpec) -> bool:
        """Return whether :meth:`contribute` would probably fill the layer, not keep it or take it from the store."""
        if self.decide(spec).action is Action.KEEP:
            return False
        is_stored = spec.stored and not self.is_discarded(spec)
        return not (is_stored and self._store is not None and self._store.has(spec))

    def contribute(
        self,
        spec: LayerSpec,
        *,
        create: Fill,
        update: Change | None = None,
        learn: Learn = dict,
        started: float | None = None,
        at_once: bool = False,
    ) -> Contribution:
        """Make the layer match *spec*.

        *create* fills a new empty directory. *update* changes the contents in place; its second argument is a copy of
        the old contents, if there is one; if it fails, the layer is created. *learn* returns more metadata for the
        complete layer, strings and tables of strings; it is called unless the layer is kept without a look at it.
        *started* is when work on the layer began, on the monotonic clock. *at_once*: it takes no time, so the log does
        not say that it begins.
        """
        started = time.monotonic() if started is None else started
        decision = self.decide(spec)
        silent = at_once or decision.action is Action.KEEP
        begun = LayerBegun(spec.name, decision.action.value, decision.reasons)
        with nullcontext() if silent else self._log.making(begun):
            if decision.action is Action.KEEP:
                found, tree, is_new = self._kept(spec), None, False
            else:
                decision, filled, is_new = self._made(spec, decision, create, update)
                found, tree = _found(self._layers.layer_path(spec.name), filled)
            looked_at = decision.action is not Action.KEEP or spec.resolution is not None
            metadata = {**spec.metadata, **found, **(learn() if looked_at else {})}
            self._layers.write(spec.name, types=spec.types, metadata=metadata, env=spec.env)
        if is_new and spec.stored and self._store is not None:
            from layerwright.build.store.offering import begin_offer

            self._offers.append(begin_offer(self._store, spec, self._layers.layer_path(spec.name)))
        contribution = Contribution(
            name=spec.name,
            path=self._layers.layer_path(spec.name),
            types=spec.types,
            decision=decision,
            seconds=time.monotonic() - started,
            size=int(found["size"]),
            exported=self._layers.exported(spec.name, spec.types),
            tree=tree,
        )
        self.contributions.append(contribution)
        self._log.made(
            LayerDone(
                contribution.name,
                decision.action.value,
                decision.reasons,
                contribution.seconds,
                contribution.size,
                str(contribution.path),
                tuple(contribution.exported.words.split(", ")),
                {**spec.inputs, **spec.content_inputs},
            )
        )
        return contribution

    def settle(self) -> None:
        """Wait until the new layers are stored, which begins when they are complete and may last longer."""
        while self._offers:
            self._offers.pop(0)()

    def measure(self, spec: LayerSpec) -> None:
        """Measure the layer of *spec* again, after commands for another layer have written to it."""
        from layerwright.files.trees.size import size_of

        at = next(i for i, c in enumerate(self.contributions) if c.name == spec.name)
        contribution = self.contributions[at]._replace(size=size_of(self.contributions[at].path))
        metadata = {**spec.metadata, "size": str(contribution.size)}
        self._layers.write(spec.name, types=spec.types, metadata=metadata, env=spec.env)
        self.contributions[at] = contribution

    def _kept(self, spec: LayerSpec) -> dict[str, Any]:
        """Return what was found when the layer was created: the resolution, the size and what was learnt."""
        restored = self._layers.restored(spec.name)
        found = {
            k: v for k, v in (restored.metadata or {}).items() if k in _FOUND and isinstance(v, str | dict)
        }
        size = str(found.get("size", ""))
        return found if size.isdecimal() else {**found, "size": str(_size(restored.path))}

    def _made(
        self, spec: LayerSpec, decision: Decision, create: Fill, update: Change | None
    ) -> tuple[Decision, Filled, bool]:
        """Update or create the layer; return the final decision, how it was filled, and whether it is new.

        A layer from the store is not new.
        """
        path = self._layers.layer_path(spec.name)
        if decision.action is Action.UPDATE and update is not None:
            before = self._layers.prepare_update(spec.name)
            try:
                return decision, update(path, before) or Filled(), False
            except (CommandFailed, SiteError) as error:
                if error.transient:
                    # A new layer would need more of the network.
                    raise
                self._log.warning(
                    f"{error.summary}\n{error.cause}\nThe layer cannot be updated, so it is recreated."
                )
                because = "the update failed"
            except NotLikeFresh as reason:
                self._log.note(f"Layer {spec.name} is recreated, because the update is not enough: {reason}")
                because = str(reason)
            decision = Decision(action=Action.CREATE, reasons=(*decision.reasons, because))
        discarded = self.is_discarded(spec)
        layer = self._layers.create(spec.name)
        if spec.stored and not discarded and self._take(spec, layer):
            return from_store(decision), Filled(), False
        return decision, create(layer) or Filled(), True

    def _take(self, spec: LayerSpec, layer: Path) -> bool:
        if self._store is None:
            return False
        taken = self._store.take(spec, layer)
        if taken.altered:
            self._log.note(f"The stored layer {spec.name} was changed and is removed: {taken.altered}")
        return taken.linked

    @cached_property
    def _store(self) -> LayerStore | None:
        if self._store_path is None:
            return None
        from layerwright.build.store.store import LayerStore

        store = LayerStore(self._store_path, self._layers.path)
        if store.problem:
            self._log.warning(f"The store of layers is not used: {store.problem}.")
        return store


def _size(path: Path) -> int:
    """Return the bytes in the layer at *path* without its environment files, which a new layer does not have yet."""
    from layerwright.files.trees.size import size_of

    environment = [path / scope for scope in Scope]
    return size_of(path) - sum(size_of(directory) for directory in environment if directory.is_dir())


def _found(path: Path, filled: Filled) -> tuple[dict[str, Any], Tree | None]:
    """Return the size and the resolution of the layer at *path*, and what is in it, if that was known before."""
    from layerwright.files.trees.size import size_in
    from layerwright.files.trees.tree import refreshed

    tree = filled.tree and refreshed(filled.tree)
    found = {"size": str(size_in(tree, without=[scope.value for scope in Scope]) if tree else _size(path))}
    return found if filled.resolution is None else {**found, "resolution": filled.resolution}, tree
