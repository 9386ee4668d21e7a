"""The decision about each layer: compare the last build with what is wanted, then keep, update or create.

A build acts on this decision, and an explanation shows it.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from layerwright.build.changes.since import differences
from layerwright.build.layers.published import published
from layerwright.build.patches.separate import MADE_WITH, patch_change
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.sameness import Locked, Resolution, Unprovable, resolution_of, update_of
from layerwright.files.frozen import frozen
from layerwright.output.words import some_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.build.changes.since import Difference
    from layerwright.cnb.layers.layer import LayerTypes, RestoredLayer
    from layerwright.contract.sameness import Sameness

__all__ = ["SATISFIES", "Action", "Decision", "LayerSpec", "decide", "digest_input", "from_store"]

SCHEMA: Final = "2"
SATISFIES: Final = "policy"
"""The key of the metadata with the policy that the contents of a layer satisfy."""
_DIGEST: Final = "sha256:"


class Action(StrEnum):
    """The action on a layer."""

    KEEP = "kept"
    UPDATE = "updated"
    CREATE = "created"


@frozen
class LayerSpec:
    """The specification of a layer.

    ``inputs`` are all its inputs, except ``content_inputs``, whose change an update in place can meet if ``sameness``
    has one. ``resolution`` is the digest of the resolved set, ``None`` as long as nothing was resolved.
    ``fresh_because`` forces a new layer, and says why; ``no_update_because`` forces one where it would otherwise be
    updated. ``stored``: the inputs determine the contents for every application. ``python`` is the exact version of
    Python if the contents may depend on its patch release, as the metadata of the layer then says. ``examined`` has
    inputs whose change need not create the layer, by name: why it must, empty if not, ``None`` before that is examined.
    ``satisfies`` is the policy that the contents satisfy, as the metadata records it, if there is one.
    """

    name: str
    types: LayerTypes
    inputs: Mapping[str, str]
    content_inputs: Mapping[str, str] = field(default_factory=dict)
    sameness: Sameness = field(default_factory=Locked)
    resolution: str | None = None
    env: LayerEnv = field(default_factory=LayerEnv)
    fresh_because: str = ""
    no_update_because: str = ""
    stored: bool = False
    python: str = ""
    examined: Mapping[str, str | None] = field(default_factory=dict)
    satisfies: str = ""

    @property
    def metadata(self) -> dict[str, object]:
        """The layer metadata that lets the next build decide; only strings, which survive JSON.

        Anyone can read it, so inputs that contain URLs, paths or times are stored as digests.
        """
        return {
            "schema": SCHEMA,
            "inputs": published(self.inputs),
            "content-inputs": published(self.content_inputs),
            **({MADE_WITH: self.python} if self.python else {}),
            **({SATISFIES: self.satisfies} if self.satisfies else {}),
        }


class Decision(NamedTuple):
    """The action on a layer, and the reasons: which input changed, from what to what.

    With ``resolves``, the package manager resolves first, and the resolved set decides between keeping the layer and
    changing it. With ``examines``, a change of the package manager is examined before that.
    """

    action: Action
    reasons: tuple[str, ...]
    resolves: bool = False
    examines: bool = False


def from_store(decision: Decision) -> Decision:
    """Return *decision* for a layer that is created by taking it from the store."""
    return decision._replace(reasons=(*decision.reasons, "from the store"))


def digest_input(hexadecimal: str) -> str:
    """Return an input for a SHA-256 digest; reasons report a change of it without its value."""
    return hexadecimal if hexadecimal == "absent" else f"{_DIGEST}{hexadecimal}"


def decide(restored: RestoredLayer, spec: LayerSpec) -> Decision:
    """Return the decision that makes *restored* match *spec*."""
    metadata = restored.metadata
    if restored.problem:
        return Decision(action=Action.CREATE, reasons=(f"its metadata cannot be read: {restored.problem}",))
    if not restored.contents and not restored.absent:
        missing = "first build" if metadata is None else "its contents were not restored"
        return Decision(action=Action.CREATE, reasons=(restored.discarded or missing,))
    if metadata is None:
        return Decision(action=Action.CREATE, reasons=("an earlier build did not finish it",))
    if metadata.get("schema") != SCHEMA:
        return Decision(action=Action.CREATE, reasons=("it was made by another version of Layerwright",))
    inputs = differences(metadata.get("inputs"), spec.inputs)
    content = _words(differences(metadata.get("content-inputs"), spec.content_inputs))
    resolution = resolution_of(spec.sameness)
    pending = [one for one in inputs if one.name in spec.examined and resolution is not None]
    foundation = _words([one for one in inputs if one not in pending])
    refused = [why for one in pending if (why := spec.examined[one.name])]
    if foundation or refused:
        return Decision(action=Action.CREATE, reasons=(*_words(inputs), *refused, *content))
    patch = patch_change(metadata, spec.python, resolves=isinstance(spec.sameness, Resolution))
    patched = () if patch is None else (patch.reason,)
    if patch is not None and patch.because:
        return Decision(action=Action.CREATE, reasons=(*patched, *content))
    if restored.altered:
        return Decision(action=Action.CREATE, reasons=(_altered(restored.altered),))
    if isinstance(spec.sameness, Unprovable):
        return Decision(action=Action.CREATE, reasons=(spec.sameness.because,))
    if spec.fresh_because:
        return Decision(action=Action.CREATE, reasons=(spec.fresh_because,))
    content = (*_words(pending), *content)
    if any(spec.examined[one.name] is None for one in pending):
        return _examines(content)
    if spec.resolution is not None:
        # The content inputs determine the resolved set: as long as that is unchanged, so is the content.
        if spec.resolution == metadata.get("resolution"):
            same = tuple(f"{one.words}: it writes the same files" for one in pending)
            return Decision(action=Action.KEEP, reasons=(*patched, *same, "the resolution is unchanged"))
        return _changed(spec, (*content, "the resolution changed"))
    if content and (resolution is None or spec.no_update_because):
        return _changed(spec, content)
    if content or resolution is spec.sameness:
        return _resolves(spec, content, patched or ("unchanged",))
    return Decision(action=Action.KEEP, reasons=patched or ("unchanged",))


def _changed(spec: LayerSpec, reasons: tuple[str, ...]) -> Decision:
    """Return the decision about a layer whose content is not what *spec* wants, for *reasons*."""
    if spec.no_update_because:
        return Decision(action=Action.CREATE, reasons=(*reasons, spec.no_update_because))
    can_update = resolution_of(spec.sameness) or update_of(spec.sameness)
    return Decision(action=Action.UPDATE if can_update else Action.CREATE, reasons=reasons)


def _resolves(spec: LayerSpec, content: tuple[str, ...], otherwise_unchanged: tuple[str, ...]) -> Decision:
    """Return the decision about a layer that depends on a resolution, after a change of *content*, if there is one.

    Without one, the reasons are *otherwise_unchanged*.
    """
    otherwise = f"recreated, because {spec.no_update_because}" if spec.no_update_because else "updated"
    return Decision(
        action=Action.UPDATE if content else Action.KEEP,
        reasons=(
            *(content or otherwise_unchanged),
            f"resolved first, then kept if the resolution is unchanged, otherwise {otherwise}",
        ),
        resolves=True,
    )


def _examines(content: tuple[str, ...]) -> Decision:
    """Return the decision about a layer after a change that need not create it, before that is examined."""
    words = "kept if it resolves to the same and writes the same files, otherwise updated or created"
    return Decision(action=Action.UPDATE, reasons=(*content, words), resolves=True, examines=True)


def _altered(names: Sequence[str]) -> str:
    return f"changed since the last build: {some_words(names)}"


def _words(found: Sequence[Difference]) -> tuple[str, ...]:
    return tuple(difference.words for difference in found)
