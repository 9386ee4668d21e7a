"""The results as values: medians, ratios, and whether an aim was met."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["HEADER", "RIGHT", "Series", "as_json", "layer_seconds", "rows"]

HEADER: Final = ("application", "manager", "scenario", "layerwright", "against", "that takes", "ratio", "aim")
RIGHT: Final = (3, 5, 6)
"""The columns of numbers."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """The seconds of Layerwright and, turn by turn, of the bare tool.

    The aim is a ratio, or else a *margin*: the most seconds by which Layerwright may take longer. *note* is what
    Layerwright's last turn printed beside that, *layers* the seconds of each layer that it made.
    """

    application: str
    manager: str
    scenario: str
    against: str
    aim: float | None
    ours: tuple[float, ...]
    theirs: tuple[float, ...]
    margin: float | None = None
    note: str = ""
    layers: Mapping[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """The median ratio of the pairs: the two of a pair ran one after the other, on an equally busy machine."""
        return median(ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def difference(self) -> float:
        """The median of the seconds by which Layerwright took longer in a pair."""
        return median(ours - theirs for ours, theirs in zip(self.ours, self.theirs, strict=True))

    @property
    def met(self) -> bool | None:
        """Whether the aim was met; ``None`` without an aim."""
        if self.margin is not None:
            return self.difference <= self.margin
        return None if self.aim is None else self.ratio <= self.aim


def layer_seconds(output: str) -> dict[str, float]:
    """Return the seconds of each layer, from the table that ends a build."""
    found = re.findall(r"^  (\S+) .* (?:kept|updated|created) +([\d.]+) s$", output, re.MULTILINE)
    return {layer: float(seconds) for layer, seconds in found}


def rows(results: Iterable[Series]) -> list[Sequence[str]]:
    """Return a row of the table, below ``HEADER``, for each of *results*."""
    return [
        (
            result.application,
            result.manager,
            result.scenario,
            _words(median(result.ours)),
            result.against,
            _words(median(result.theirs)),
            f"{result.ratio:.2f}",
            _aim(result),
        )
        for result in results
    ]


def as_json(results: Iterable[Series], facts: dict[str, Any]) -> dict[str, Any]:
    """Return the document to keep: *facts* of the machine, and every single measurement in seconds."""
    return {
        "machine": facts,
        "results": [
            {
                "application": result.application,
                "manager": result.manager,
                "scenario": result.scenario,
                "against": result.against,
                "seconds": {"layerwright": list(result.ours), "against": list(result.theirs)},
                "median seconds": {"layerwright": median(result.ours), "against": median(result.theirs)},
                "ratio": result.ratio,
                "difference": result.difference,
                "aim": result.aim,
                "margin": result.margin,
                "met": result.met,
                **({"note": result.note} if result.note else {}),
                **({"layers": dict(result.layers)} if result.layers else {}),
            }
            for result in results
        ],
    }


def _words(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _aim(result: Series) -> str:
    met = "met" if result.met else "missed"
    noted = f"; {result.note}" if result.note else ""
    if result.margin is not None:
        return f"at most {_words(result.margin)} more: {met} ({result.difference * 1000:.1f} ms{noted})"
    return result.note if result.aim is None else f"at most {result.aim:g}: {met}{noted}"
