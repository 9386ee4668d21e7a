"""The rules that there are, by the names of their rulings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build.policy.rules.age import AGE
from layerwright.build.policy.rules.archives import BUILD, HASHES
from layerwright.build.policy.rules.indexes import INDEXES
from layerwright.build.policy.rules.licences import ALLOWED, DENIED
from layerwright.build.policy.rules.startup import STARTUP_CODE
from layerwright.build.policy.rules.status import ARCHIVED, QUARANTINED, YANKED
from layerwright.build.policy.rules.vulnerabilities import VULNERABILITIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.build.policy.rule import Rule

__all__ = ["RULES"]

RULES: Final[Mapping[str, Rule]] = {
    rule.name: rule
    for rule in (
        AGE, HASHES, BUILD, YANKED, ARCHIVED, QUARANTINED, STARTUP_CODE, ALLOWED, DENIED, INDEXES,
        VULNERABILITIES,
    )
}  # fmt: skip
"""Another rule is one more entry, and a field of ``PolicySettings`` with the same key."""
