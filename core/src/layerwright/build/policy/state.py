"""The policy that an environment was last found to satisfy, as the metadata of its layer has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.policy.registry import RULES

if TYPE_CHECKING:
    from datetime import date

    from layerwright.config.policy.policy import Policy

__all__ = ["state_of"]


def state_of(policy: Policy, today: date) -> str:
    """Return a digest of everything that can make *policy* refuse an unchanged environment: an exception expires."""
    import hashlib

    data = [RULES[ruling.rule].depends_on(ruling) for ruling in policy.rulings]
    return f"sha256:{hashlib.sha256(repr([policy.state(today), *data]).encode()).hexdigest()}"
