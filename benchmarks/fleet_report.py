"""The results of the fleet as values: what each step pushed, what the registry stores, and the result at any scale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from layerwright.output.words import bytes_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["SCALES", "STEP_HEADER", "STEP_RIGHT", "Step", "step_rows", "steps_as_json"]

SCALES: Final = (1_000, 100_000)
"""The numbers of applications to which a measured fleet is scaled."""

STEP_HEADER: Final = (
    "fleet",
    "applications",
    "layers added",
    "pushed",
    "stored",
    *(f"stored for {scale:,}" for scale in SCALES),
)
STEP_RIGHT: Final = (1, 3, 4, 5, 6)
"""The columns of numbers."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a fleet of *applications*: the bytes *pushed* to the registry, and those that it stores *since*.

    *added* has how many applications got another layer of each name. *shared* are the bytes among the stored ones that
    do not depend on the number of applications; *seconds* those of all builds.
    """

    name: str
    layerwright: str
    applications: int
    pushed: int
    stored: int
    shared: int
    seconds: float
    added: Mapping[str, int] = field(default_factory=dict)

    def stored_for(self, applications: int) -> int:
        """Return the bytes that the registry would store for a fleet of the same kinds of *applications*."""
        return self.shared + (self.stored - self.shared) * applications // self.applications


def step_rows(steps: Iterable[Step]) -> list[Sequence[str]]:
    """Return a row of the table, below ``STEP_HEADER``, for each of *steps*."""
    return [
        (
            f"{step.name}{'' if step.layerwright == 'now' else f' ({step.layerwright})'}",
            str(step.applications),
            ", ".join(f"{layer} {count}" for layer, count in sorted(step.added.items())) or "none",
            bytes_words(step.pushed),
            bytes_words(step.stored),
            *(bytes_words(step.stored_for(scale)) for scale in SCALES),
        )
        for step in steps
    ]


def steps_as_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return every figure, in bytes and seconds."""
    return [
        {
            "name": step.name,
            "layerwright": step.layerwright,
            "applications": step.applications,
            "added": dict(step.added),
            "pushed": step.pushed,
            "stored": step.stored,
            "shared": step.shared,
            "stored for": {str(scale): step.stored_for(scale) for scale in SCALES},
            "seconds": step.seconds,
        }
        for step in steps
    ]
