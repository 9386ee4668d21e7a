"""The decision about each layer: compare the last build with what is wanted, then keep, update or create.

A layer is kept exactly when its inputs are unchanged. Its ``<layer>.toml`` is the commit point: removed before the
first change to the contents, written after the last, so that a build that is killed in between leaves nothing that a
later one mistakes for complete.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build._published import label, published
from layerwright.build.layers.commands import COMMAND, change_of_command
from layerwright.cnb.layers.layer_env import LayerEnv, Scope, apply_build
from layerwright.errors import CommandFailed, SiteError
from layerwright.files.size import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes, RestoredLayer
    from layerwright.output.log import Log

    Fill = Callable[[Path], str | None]
    Change = Callable[[Path, Path | None], str | None]

__all__ = [
    "Action",
    "Contribution",
    "Contributor",
    "Decision",
    "LayerSpec",
    "NotLikeFresh",
    "decide",
    "digest_input",
]

SCHEMA: Final = "2"
_DIGEST: Final = "sha256:"
_FOUND: Final = ("resolution", "size")
_NAMED: Final = 3


class NotLikeFresh(Exception):
    """What an update led to may not be what a fresh layer would be; the message says why."""


class Action(StrEnum):
    """The action on a layer."""

    KEEP = "kept"
    UPDATE = "updated"
    CREATE = "created"


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """The specification of a layer.

    ``inputs`` are all its inputs, except ``content_inputs``, whose change can be met by an update in place.
    ``resolution`` is the digest of a resolved set, ``None`` if nothing was resolved: then it decides nothing.
    ``fresh_because`` forces a new layer, and says why; ``no_update_because`` forces one where it would otherwise be
    updated.
    """

    name: str
    types: LayerTypes
    inputs: Mapping[str, str]
    content_inputs: Mapping[str, str] = field(default_factory=dict)
    resolution: str | None = None
    env: LayerEnv = field(default_factory=LayerEnv)
    fresh_because: str = ""
    no_update_because: str = ""

    @property
    def metadata(self) -> dict[str, object]:
        """The layer metadata that lets the next build decide; only strings, which survive JSON.

        Anyone can read it, so inputs that contain URLs, paths or times are stored as digests.
        """
        return {
            "schema": SCHEMA,
            "inputs": published(self.inputs),
            "content-inputs": published(self.content_inputs),
        }


class Decision(NamedTuple):
    """The action on a layer, and the reasons: which input changed, from what to what."""

    action: Action
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        """The decision as text for the log."""
        return f"{self.action.value}: {'; '.join(self.reasons)}"


class Contribution(NamedTuple):
    """The result for a layer: its path, the decision, the time in seconds, and the size in bytes."""

    name: str
    path: Path
    types: LayerTypes
    decision: Decision
    seconds: float
    size: int


def digest_input(hexadecimal: str) -> str:
    """Return an input for a SHA-256 digest; reasons report a change of it without its value."""
    return hexadecimal if hexadecimal == "absent" else f"{_DIGEST}{hexadecimal}"


def decide(restored: RestoredLayer, spec: LayerSpec) -> Decision:
    """Return the decision that makes *restored* match *spec*."""
    metadata = restored.metadata
    if restored.problem:
        return Decision(action=Action.CREATE, reasons=(f"its metadata cannot be read: {restored.problem}",))
    if not restored.contents:
        missing = "first build" if metadata is None else "its contents were not restored"
        return Decision(action=Action.CREATE, reasons=(restored.discarded or missing,))
    if metadata is None:
        return Decision(action=Action.CREATE, reasons=("an earlier build did not finish it",))
    if metadata.get("schema") != SCHEMA:
        return Decision(action=Action.CREATE, reasons=("it was made by another version of Layerwright",))
    foundation = _changes(metadata.get("inputs"), spec.inputs)
    content = _changes(metadata.get("content-inputs"), spec.content_inputs)
    if foundation:
        return Decision(action=Action.CREATE, reasons=(*foundation, *content))
    if restored.altered:
        return Decision(action=Action.CREATE, reasons=(_altered(restored.altered),))
    if spec.fresh_because:
        return Decision(action=Action.CREATE, reasons=(spec.fresh_because,))
    if spec.resolution is not None:
        # The content inputs determine the resolved set: as long as that is unchanged, so is the content.
        if spec.resolution == metadata.get("resolution"):
            return Decision(action=Action.KEEP, reasons=("the resolution is unchanged",))
        return _update(spec, (*content, "the resolution changed"))
    if content:
        return _update(spec, content)
    return Decision(action=Action.KEEP, reasons=("unchanged",))


def _update(spec: LayerSpec, reasons: tuple[str, ...]) -> Decision:
    if spec.no_update_because:
        return Decision(action=Action.CREATE, reasons=(*reasons, spec.no_update_because))
    return Decision(action=Action.UPDATE, reasons=reasons)


class Contributor:
    """Makes layers match their specifications, and accumulates their build environment as the lifecycle does."""

    def __init__(self, layers: LayersDirectory, *, environment: Mapping[str, str], log: Log) -> None:
        self._layers = layers
        self._environment = dict(environment)
        self._log = log
        self.contributions: Final[list[Contribution]] = []

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the next command: the user's, modified by the layers so far."""
        made = [(c.name, c.path) for c in self.contributions if c.types.build]
        return apply_build(self._environment, made)

    def decide(self, spec: LayerSpec) -> Decision:
        """Return what :meth:`contribute` would do, without doing it."""
        return decide(self._layers.restored(spec.name), spec)

    def contribute(
        self,
        spec: LayerSpec,
        *,
        create: Fill,
        update: Change | None = None,
        started: float | None = None,
    ) -> Contribution:
        """Make the layer match *spec*.

        *create* fills a new empty directory. *update* changes the contents in place; its second argument is a copy of
        the old contents, if there is one. Without *update*, and if it fails, the layer is created. Both return the
        digest of the installed resolved set, if there is one. *started* is when work on the layer began, on the
        monotonic clock.
        """
        started = time.monotonic() if started is None else started
        decision = self.decide(spec)
        if decision.action is Action.UPDATE and update is None:
            decision = Decision(action=Action.CREATE, reasons=decision.reasons)
        self._log.note(f"Layer {spec.name} {decision.words}")
        if decision.action is Action.KEEP:
            found = self._kept(spec)
        else:
            decision, found = self._made(spec.name, decision, create, update)
        self._layers.write(spec.name, types=spec.types, metadata={**spec.metadata, **found}, env=spec.env)
        contribution = Contribution(
            name=spec.name,
            path=self._layers.layer_path(spec.name),
            types=spec.types,
            decision=decision,
            seconds=time.monotonic() - started,
            size=int(found["size"]),
        )
        self.contributions.append(contribution)
        return contribution

    def measure(self, spec: LayerSpec) -> None:
        """Measure the layer of *spec* again, after commands for another layer have written to it."""
        at = next(i for i, c in enumerate(self.contributions) if c.name == spec.name)
        contribution = self.contributions[at]._replace(size=size_of(self.contributions[at].path))
        metadata = {**spec.metadata, "size": str(contribution.size)}
        self._layers.write(spec.name, types=spec.types, metadata=metadata, env=spec.env)
        self.contributions[at] = contribution

    def _kept(self, spec: LayerSpec) -> dict[str, str]:
        """Return the resolution and the size that were recorded when the layer was created."""
        restored = self._layers.restored(spec.name)
        found = {k: v for k, v in (restored.metadata or {}).items() if k in _FOUND and isinstance(v, str)}
        return found if found.get("size", "").isdecimal() else {**found, "size": str(_size(restored.path))}

    def _made(
        self, name: str, decision: Decision, create: Fill, update: Change | None
    ) -> tuple[Decision, dict[str, str]]:
        """Update or create the layer; return the final decision, and the resolution and the size."""
        path = self._layers.layer_path(name)
        if decision.action is Action.UPDATE and update is not None:
            before = self._layers.prepare_update(name)
            try:
                return decision, _found(path, update(path, before))
            except (CommandFailed, SiteError) as error:
                self._log.warning(
                    f"{error.summary}\n{error.cause}\nThe layer cannot be updated, so it is recreated."
                )
                because = "the update failed"
            except NotLikeFresh as reason:
                self._log.note(f"Layer {name} is recreated, because the update is not enough: {reason}")
                because = str(reason)
            decision = Decision(action=Action.CREATE, reasons=(*decision.reasons, because))
        return decision, _found(path, create(self._layers.create(name)))


def _size(path: Path) -> int:
    """Return the bytes in the layer at *path* without its environment files, which a new layer does not have yet."""
    environment = [path / scope for scope in Scope]
    return size_of(path) - sum(size_of(directory) for directory in environment if directory.is_dir())


def _found(path: Path, resolution: str | None) -> dict[str, str]:
    size = {"size": str(_size(path))}
    return size if resolution is None else {**size, "resolution": resolution}


def _altered(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"changed since the last build: {', '.join(names[:_NAMED])}{more}"


def _changes(before: object, now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the differences between two sets of inputs, as text."""
    then = before if isinstance(before, dict) else {}
    names = {label(name): name for name in now}
    known = published(now)
    return tuple(
        _change(names.get(key, key), then.get(key), known.get(key))
        for key in (*known, *(k for k in then if k not in known))
        if then.get(key) != known.get(key)
    )


def _change(key: str, then: object, now: str | None) -> str:
    if then is None:
        return f"{key} is new"
    if now is None:
        return f"{key} is gone"
    if now.startswith(_DIGEST) or str(then).startswith(_DIGEST):
        return f"{key} changed"
    if key.startswith(COMMAND):
        return change_of_command(key, str(then), now)
    return f"{key}: {then} → {now}"
