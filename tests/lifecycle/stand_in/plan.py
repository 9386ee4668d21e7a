"""The build plan: who provides what somebody requires, over every alternative of every buildpack."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.lifecycle.stand_in.descriptor import Buildpack

__all__ = ["Alternative", "PlanEntry", "Unresolved", "read_alternatives", "resolve"]


class Unresolved(Exception):
    """No choice of alternatives satisfies every buildpack that has to take part."""


@dataclass(frozen=True)
class Alternative:
    """One way for a buildpack to take part."""

    provides: tuple[str, ...]
    requires: tuple[dict[str, Any], ...]


@dataclass
class PlanEntry:
    """What one name came to."""

    providers: list[Buildpack] = field(default_factory=list)
    requires: list[dict[str, Any]] = field(default_factory=list)
    unused: list[Buildpack] = field(default_factory=list)
    unmet: list[Buildpack] = field(default_factory=list)


def read_alternatives(plan: Path) -> list[Alternative]:
    """Return the alternatives in a build plan; ``OSError`` or ``ValueError``: it is none."""
    document = tomllib.loads(plan.read_text())
    return [_alternative(section) for section in (document, *_tables(document.get("or", [])))]


def resolve(
    offers: Sequence[tuple[Buildpack, list[Alternative]]],
) -> tuple[list[Buildpack], dict[str, PlanEntry]]:
    """Return the buildpacks that take part, and the plan, of the first choice of alternatives that works.

    The last alternative of a buildpack that may be left out is tried as one that may be; the others are not.
    """
    options = [
        [
            (replace(buildpack, optional=buildpack.optional and alternative is alternatives[-1]), alternative)
            for alternative in alternatives
        ]
        for buildpack, alternatives in offers
    ]
    for choice in product(*options):
        try:
            return _try(list(choice))
        except Unresolved:
            continue
    raise Unresolved


def _try(choice: list[tuple[Buildpack, Alternative]]) -> tuple[list[Buildpack], dict[str, PlanEntry]]:
    while True:
        entries = _entries(choice)
        dissatisfied = [each for entry in entries.values() for each in (*entry.unmet, *entry.unused)]
        if not dissatisfied:
            break
        if not all(each.optional for each in dissatisfied):
            raise Unresolved
        choice = [(buildpack, sections) for buildpack, sections in choice if buildpack not in dissatisfied]
    if not choice:
        raise Unresolved
    return [buildpack for buildpack, _ in choice], entries


def _entries(choice: list[tuple[Buildpack, Alternative]]) -> dict[str, PlanEntry]:
    entries: dict[str, PlanEntry] = {}
    for buildpack, alternative in choice:
        for name in alternative.provides:
            entries.setdefault(name, PlanEntry()).unused.append(buildpack)
        for require in alternative.requires:
            entry = entries.setdefault(require["name"], PlanEntry())
            entry.providers += entry.unused
            entry.unused = []
            if entry.providers:
                entry.requires.append(require)
            else:
                entry.unmet.append(buildpack)
    return entries


def _alternative(section: dict[str, Any]) -> Alternative:
    requires = _tables(section.get("requires", []))
    if any(require.get("version") for require in requires):
        raise ValueError('"version" is not supported in requires')
    return Alternative(
        tuple(provide.get("name", "") for provide in _tables(section.get("provides", []))),
        tuple(map(_require, requires)),
    )


def _tables(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("not an array of tables")
    for each in value:
        if not isinstance(each.get("name", ""), str):
            raise ValueError("a name that is not a string")
    return value


def _require(table: dict[str, Any]) -> dict[str, Any]:
    # Metadata that is no table counts for none.
    metadata = table.get("metadata")
    return {"name": table.get("name", "")} | ({"metadata": metadata} if isinstance(metadata, dict) else {})
