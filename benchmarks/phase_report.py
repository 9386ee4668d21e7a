"""The results under a lifecycle as values: the seconds of each phase, and their ratio to an earlier Layerwright."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.phases import PHASES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["PHASE_HEADER", "PHASE_RIGHT", "Phases", "phase_rows", "phases_as_json"]

PHASE_HEADER: Final = ("application", "manager", "scenario", *PHASES, "before", "ratio", "aim")
PHASE_RIGHT: Final = (3, 4, 5, 6, 7)
"""The columns of numbers."""


@dataclass(frozen=True, kw_only=True)
class Phases:
    """The seconds of each phase, turn by turn; *before* are those of an earlier Layerwright, if there is one.

    *note* and *note_before* are what the last turn of each has shown beside that, *layers* the seconds of each layer.
    """

    application: str
    manager: str
    scenario: str
    aim: float | None
    ours: tuple[Mapping[str, float], ...]
    before: tuple[Mapping[str, float], ...] = ()
    note: str = ""
    note_before: str = ""
    layers: Mapping[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The median of the ratios of the pairs, all phases together; ``None`` without an earlier Layerwright."""
        if not self.before:
            return None
        return median(_sum(ours) / _sum(before) for ours, before in zip(self.ours, self.before, strict=True))

    @property
    def met(self) -> bool | None:
        """Whether the aim was met; ``None`` without an aim or an earlier Layerwright."""
        return None if self.aim is None or self.ratio is None else self.ratio <= self.aim


def phase_rows(results: Iterable[Phases]) -> list[Sequence[str]]:
    """Return a row of the table, below ``PHASE_HEADER``, for each of *results*."""
    return [
        (
            result.application,
            result.manager,
            result.scenario,
            *(f"{median(turn[phase] for turn in result.ours):.1f} s" for phase in PHASES),
            f"{median(map(_sum, result.before)):.1f} s" if result.before else "",
            "" if result.ratio is None else f"{result.ratio:.2f}",
            _aim(result),
        )
        for result in results
    ]


def phases_as_json(results: Iterable[Phases]) -> list[dict[str, Any]]:
    """Return every single measurement in seconds."""
    return [
        {
            "application": result.application,
            "manager": result.manager,
            "scenario": result.scenario,
            "seconds": {"layerwright": list(result.ours), "before": list(result.before)},
            "ratio": result.ratio,
            "aim": result.aim,
            "met": result.met,
            "layers": dict(result.layers),
            "notes": {"layerwright": result.note, "before": result.note_before},
        }
        for result in results
    ]


def _sum(turn: Mapping[str, float]) -> float:
    return sum(turn[phase] for phase in PHASES)


def _aim(result: Phases) -> str:
    notes = f"{result.note} (before: {result.note_before})" if result.note_before else result.note
    aim = "" if result.aim is None else f"at most {result.aim:g}"
    if result.met is not None:
        aim += ": met" if result.met else ": missed"
    return "; ".join(filter(None, (aim, notes)))
