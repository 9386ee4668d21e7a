"""An exception from the policy; a module of its own, because few policies have one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from layerwright.config.policy.policy import Rank

__all__ = ["Exemption"]


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An exception of one source: until a day, a rule does not apply to a distribution."""

    distribution: str
    rule: str
    reason: str
    expires: date
    origin: str
    rank: Rank
    version: str = ""
    index: str = ""
    id: str = ""
    """The only vulnerability that it is for, by one of its identifiers."""
