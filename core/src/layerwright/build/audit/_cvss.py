"""Base scores of CVSS vectors, versions 2.0, 3.0 and 3.1.

https://www.first.org/cvss/v2/guide, https://www.first.org/cvss/v3.1/specification-document
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["base_score"]

_V2: Final = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "C": {"N": 0.0, "P": 0.275, "C": 0.66},
    "I": {"N": 0.0, "P": 0.275, "C": 0.66},
    "A": {"N": 0.0, "P": 0.275, "C": 0.66},
}
_V3: Final = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 1.0},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
# Privileges weigh more where another component is affected as well.
_PRIVILEGES_IF_CHANGED: Final = {0.62: 0.68, 0.27: 0.5}


def base_score(kind: str, vector: str) -> float | None:
    """Return the base score of *vector*, from 0 to 10; ``None``: it is not valid, or its *kind* is not known.

    *kind* is a type of the OSV schema: ``CVSS_V2``, ``CVSS_V3``.
    """
    rule = _RULES.get(kind)
    if rule is None:
        return None
    weights, score = rule
    given = dict(part.partition(":")[::2] for part in vector.strip().split("/"))
    try:
        return score({name: each[given[name]] for name, each in weights.items()})
    except KeyError:
        return None


def _score_2(metric: Mapping[str, float]) -> float:
    impact = 10.41 * _impact(metric)
    exploitability = 20 * metric["AV"] * metric["AC"] * metric["Au"]
    return round((0.6 * impact + 0.4 * exploitability - 1.5) * (1.176 if impact else 0.0), 1)


def _score_3(metric: Mapping[str, float]) -> float:
    lost, changed = _impact(metric), bool(metric["S"])
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    privileges = metric["PR"]
    if changed:
        privileges = _PRIVILEGES_IF_CHANGED.get(privileges, privileges)
    exploitability = 8.22 * metric["AV"] * metric["AC"] * privileges * metric["UI"]
    return _rounded_up(min((1.08 if changed else 1.0) * (impact + exploitability), 10.0))


def _impact(metric: Mapping[str, float]) -> float:
    return 1 - (1 - metric["C"]) * (1 - metric["I"]) * (1 - metric["A"])


def _rounded_up(score: float) -> float:
    """Return *score* with one decimal, rounded up as appendix A of version 3.1 has it, without errors of floats."""
    exact = round(score * 100_000)
    return exact / 100_000 if exact % 10_000 == 0 else (math.floor(exact / 10_000) + 1) / 10


_RULES: Final[
    Mapping[str, tuple[Mapping[str, Mapping[str, float]], Callable[[Mapping[str, float]], float]]]
] = {
    "CVSS_V2": (_V2, _score_2),
    "CVSS_V3": (_V3, _score_3),
}
