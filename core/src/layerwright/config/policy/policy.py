"""The policy of a build: what each source rules, and the exceptions from it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from layerwright.process.redaction import redacted

if TYPE_CHECKING:
    from datetime import date

    from layerwright.config.policy.exemption import Exemption

__all__ = ["Policy", "Rank", "Ruling"]

# The milder value first.
_STEPS: Final = ("allow", "warn", "known", "deny", "required", "never")


class Rank(IntEnum):
    """Who a source belongs to; a higher one is not weakened by a lower one."""

    APPLICATION = 1
    ENVIRONMENT = 2
    PLATFORM = 3


class Ruling(NamedTuple):
    """What one source says about one rule."""

    rule: str
    """The key of the rule: ``min-release-age``, or ``licences.denied`` in a table of its own."""

    value: Any
    """Its value: a text, a ``timedelta``, a tuple of texts or a mapping of texts."""

    origin: str
    """Where it is written."""

    rank: Rank
    """Whose it is."""

    @property
    def strictness(self) -> Any:
        """A value that grows with what the ruling refuses; only for rules with one value."""
        return _STEPS.index(self.value) if isinstance(self.value, str) else self.value

    @property
    def shown(self) -> Any:
        """Its value as JSON has it."""
        from datetime import timedelta

        from layerwright.config.policy.durations import duration_words

        if isinstance(self.value, timedelta):
            return duration_words(self.value)
        if isinstance(self.value, dict):
            return {name: redacted(text) for name, text in self.value.items()}
        return list(self.value) if isinstance(self.value, tuple) else self.value

    @property
    def is_idle(self) -> bool:
        """Whether it refuses nothing and warns of nothing."""
        return not self.value or self.value == "allow"


class Policy(NamedTuple):
    """All rulings of all sources, the strongest source first, and all exceptions.

    Every ruling counts by itself, so a source adds to what others refuse, and takes nothing from it. An exception
    counts against rulings of its own source and of weaker ones.
    """

    rulings: tuple[Ruling, ...]
    exemptions: tuple[Exemption, ...] = ()

    @property
    def deciding(self) -> tuple[Ruling, ...]:
        """The strictest ruling about each rule, or all of them if each adds to the others, without idle ones."""
        found: dict[str, list[Ruling]] = {}
        for ruling in self.rulings:
            if not ruling.is_idle:
                found.setdefault(ruling.rule, []).append(ruling)
        return tuple(one for rulings in found.values() for one in _strictest(rulings))

    def as_json(self, today: date) -> dict[str, Any]:
        """Return the policy as JSON values, for records and explanations."""
        return {
            "rules": [{"rule": one.rule, "value": one.shown, "origin": one.origin} for one in self.deciding],
            "exceptions": self._exceptions(today),
        }

    def state(self, today: date) -> str:
        """Return a digest that changes when the policy does, or when one of its exceptions expires."""
        import hashlib
        import json

        rules = [(one.rule, one.shown, int(one.rank)) for one in self.rulings]
        text = json.dumps([sorted(rules, key=repr), self._exceptions(today)], sort_keys=True)
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def _exceptions(self, today: date) -> list[dict[str, Any]]:
        return [
            {
                "distribution": one.distribution,
                "rule": one.rule,
                "version": one.version or None,
                "index": one.index or None,
                "id": one.id or None,
                "reason": one.reason,
                "expires": one.expires.isoformat(),
                "expired": one.expires < today,
                "origin": one.origin,
            }
            for one in self.exemptions
        ]


def _strictest(rulings: list[Ruling]) -> list[Ruling]:
    adding = isinstance(rulings[0].value, tuple | dict)
    return rulings if adding else [max(rulings, key=lambda one: (one.strictness, one.rank))]
