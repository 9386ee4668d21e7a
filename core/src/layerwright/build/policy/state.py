"""The policy that an environment was last found to satisfy, as the metadata of its layer has it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.build.audit.databases import databases_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from layerwright.build._specify import Described
    from layerwright.build.request import BuildRequest
    from layerwright.config.policy.policy import Policy
    from layerwright.output.log import Log

__all__ = ["held", "state_of"]

# The rules that depend on a database, by the key of their values that names it. The rules themselves are not imported.
_DEPENDING: Final = {"vulnerabilities": "database"}


def held(described: Described, policy: Policy, request: BuildRequest, log: Log) -> Described:
    """Return *described* with what its virtual environment satisfies once it has passed the gate.

    Only a build may call it: it opens the vulnerability databases of *policy*, which may be elsewhere.
    """
    state = state_of(policy, request.today, databases_of(request, log).digest)
    return replace(described, venv=replace(described.venv, satisfies=state))


def state_of(policy: Policy, today: date, digest_of: Callable[[str], str]) -> str:
    """Return a digest of everything that can make *policy* refuse an unchanged environment.

    An exception expires, or a vulnerability database, whose digest *digest_of* returns by its name, has other records.
    """
    data = [digest_of(one.value[_DEPENDING[one.rule]]) for one in policy.rulings if one.rule in _DEPENDING]
    if not data:
        return policy.state(today)
    import hashlib

    return f"sha256:{hashlib.sha256(repr([policy.state(today), *data]).encode()).hexdigest()}"
