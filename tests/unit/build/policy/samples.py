"""Candidates, rulings and facts for tests of rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from layerwright.build.policy.candidate import Archive, Candidate
from layerwright.build.policy.rule import Facts
from layerwright.config.policy.exemption import Exemption
from layerwright.config.policy.policy import Policy, Rank, Ruling

if TYPE_CHECKING:
    from layerwright.build.audit.sources.database import Database
    from layerwright.build.policy.indexes.index import Page
    from layerwright.build.policy.rule import Asked, OpenDatabase

__all__ = ["NOW", "TODAY", "archive", "candidate", "exemption", "facts", "no_database", "policy", "ruling"]

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
TODAY = NOW.date()
_HASH = "sha256:" + "a" * 64


def archive(filename: str = "acme-1.0-py3-none-any.whl", **more: Any) -> Archive:
    return Archive(**{"filename": filename, "hashes": frozenset({_HASH}), **more})


def candidate(name: str = "acme", **more: Any) -> Candidate:
    return Candidate(**{"name": name, "version": "1.0", "archives": (archive(),), **more})


def ruling(rule: str, value: Any, rank: Rank = Rank.APPLICATION) -> Ruling:
    return Ruling(rule=rule, value=value, origin=f"{rank.name.lower()}: policy.{rule}", rank=rank)


def exemption(rule: str, distribution: str = "acme", **more: Any) -> Exemption:
    given = {
        "reason": "we know it",
        "expires": date(2026, 12, 31),
        "origin": "exceptions[0]",
        "rank": Rank.APPLICATION,
        **more,
    }
    return Exemption(rule=rule, distribution=distribution, **given)


def policy(*rulings: Ruling, exemptions: tuple[Exemption, ...] = ()) -> Policy:
    return Policy(rulings=rulings, exemptions=exemptions)


def no_database(name: str) -> Database:
    raise AssertionError(name)


def facts(pages: dict[Asked, Page] | None = None, database: OpenDatabase = no_database) -> Facts:
    return Facts(now=NOW, today=TODAY, pages=pages or {}, database=database)
