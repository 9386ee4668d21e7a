"""The policy that an environment was last found to satisfy, as the metadata of its layer has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from layerwright.config.policy.policy import Policy

__all__ = ["state_of"]

# The rules whose result depends on data besides the policy; the others are not imported in an unchanged build.
_DEPENDING: Final = frozenset[str]()


def state_of(policy: Policy, today: date) -> str:
    """Return a digest of everything that can make *policy* refuse an unchanged environment: an exception expires."""
    depending = [one for one in policy.rulings if one.rule in _DEPENDING]
    if not depending:
        return policy.state(today)
    import hashlib

    from layerwright.build.policy.registry import RULES

    data = [RULES[ruling.rule].depends_on(ruling) for ruling in depending]
    return f"sha256:{hashlib.sha256(repr([policy.state(today), *data]).encode()).hexdigest()}"
