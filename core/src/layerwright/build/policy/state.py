"""The policy that an environment was last found to satisfy, as the metadata of its layer has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.build.audit.databases import databases_of

if TYPE_CHECKING:
    from datetime import date

    from layerwright.build._specify import Described
    from layerwright.build.policy.rule import OpenDatabase
    from layerwright.build.request import BuildRequest
    from layerwright.config.policy.policy import Policy
    from layerwright.output.log import Log

__all__ = ["held", "state_of"]

# The rules whose result depends on data besides the policy; the others are not imported in an unchanged build.
_DEPENDING: Final = frozenset({"vulnerabilities"})


def held(described: Described, policy: Policy, request: BuildRequest, log: Log) -> Described:
    """Return *described* with what its virtual environment satisfies once it has passed the gate.

    Only a build may call it: it opens the vulnerability databases of *policy*, which may be elsewhere.
    """
    state = state_of(policy, request.today, databases_of(request, log).named)
    return replace(described, venv=replace(described.venv, satisfies=state))


def state_of(policy: Policy, today: date, database: OpenDatabase) -> str:
    """Return a digest of everything that can make *policy* refuse an unchanged environment.

    An exception expires, or a vulnerability database, which *database* opens by its name, has other records.
    """
    depending = [one for one in policy.rulings if one.rule in _DEPENDING]
    if not depending:
        return policy.state(today)
    import hashlib

    from layerwright.build.policy.registry import RULES

    data = [RULES[ruling.rule].depends_on(ruling, database) for ruling in depending]
    return f"sha256:{hashlib.sha256(repr([policy.state(today), *data]).encode()).hexdigest()}"
