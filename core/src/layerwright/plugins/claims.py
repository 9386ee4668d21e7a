"""The precedence of several claims to one application."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from layerwright.plugins.entry_points import CONCLUSIVE_GROUP, EVIDENCE_GROUP, NO_EVIDENCE, REFINES_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from layerwright.files.project import Project
    from layerwright.plugins.entry_points import EntryPoint

__all__ = ["Claim", "Published", "Worth", "is_pattern", "present", "published", "strongest"]


class Worth(IntEnum):
    """The worth of a claim: one of the highest worth decides."""

    FALLBACK = 1
    """The plugin itself says that any other claim takes precedence."""
    ORDINARY = 2
    """The plugin was asked."""
    CONCLUSIVE = 3
    """A file that the plugin publishes as conclusive, or that the application's own settings name."""


class Claim(NamedTuple):
    """The claim of the package manager ``name`` to an application, with its ``evidence``.

    ``label`` names the plugin. ``refines`` are the package managers over which it takes precedence if both claim.
    """

    name: str
    evidence: str
    worth: Worth
    label: str
    refines: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """The reason for choosing the package manager, as words after "because"."""
        there = f"{self.evidence} exists"
        if self.refines:
            return f"{there}, and {self.name} refines {' and '.join(sorted(self.refines))}"
        return f"{there}, and nothing else claims it" if self.worth is Worth.FALLBACK else there


class Published(NamedTuple):
    """A plugin, by its module and its ``names``, and the files that it publishes."""

    module: str
    label: str
    names: tuple[str, ...]
    conclusive: tuple[str, ...]
    evidence: tuple[str, ...]
    refines: frozenset[str]

    @property
    def files(self) -> tuple[str, ...]:
        """The files that make the plugin a candidate; without any, it is a candidate for every application."""
        return (*self.conclusive, *self.evidence)


def published(provided: Iterable[EntryPoint], entry_points: Sequence[EntryPoint]) -> tuple[Published, ...]:
    """Return what *entry_points* publish for each plugin with one of *provided*, entry points of package managers."""
    names: dict[str, list[EntryPoint]] = {}
    for entry_point in provided:
        names.setdefault(entry_point.module, []).append(entry_point)
    said: dict[tuple[str, str], list[str]] = {}
    for entry_point in entry_points:
        said.setdefault((entry_point.module, entry_point.group), []).append(entry_point.name)
    return tuple(
        Published(
            module=module,
            label=own[0].label,
            names=tuple(dict.fromkeys(e.name for e in own)),
            conclusive=tuple(said.get((module, CONCLUSIVE_GROUP), ())),
            evidence=tuple(f for f in said.get((module, EVIDENCE_GROUP), ()) if f != NO_EVIDENCE),
            refines=frozenset(said.get((module, REFINES_GROUP), ())),
        )
        for module, own in names.items()
    )


def is_pattern(name: str) -> bool:
    """Return whether the published *name* is a pattern for names of files, such as ``*.py``."""
    return "*" in name


def present(project: Project, names: Iterable[str]) -> set[str]:
    """Return those of *names* for which *project* has a file; a pattern is for files at the top."""
    found = {name for name in names if not is_pattern(name) and project.exists(name)}
    patterns = {name for name in names if is_pattern(name)}
    if patterns:
        import os
        from fnmatch import fnmatchcase

        files = [name for name in os.listdir(project.root) if not name.startswith(".")]  # noqa: PTH208  # names alone
        found |= {p for p in patterns if any(fnmatchcase(name, p) and project.exists(name) for name in files)}
    return found


def strongest(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return the *claims* over which no other takes precedence: several if they are of equal worth.

    The ``refines`` of each are then the package managers over which it takes precedence. A refinement is worth as
    much as the claim that it refines: it is not weaker than the lock file of a third package manager.
    """
    by_name = {claim.name: claim for claim in claims}
    below = {name: _refined(claim, by_name) for name, claim in by_name.items()}
    left = [
        claim._replace(
            worth=max(claim.worth, *(by_name[name].worth for name in below[claim.name]), Worth.FALLBACK),
            refines=below[claim.name],
        )
        for claim in claims
        # Two that refine each other are of equal worth.
        if not any(claim.name in below[name] and name not in below[claim.name] for name in by_name)
    ]
    best = max((claim.worth for claim in left), default=None)
    return tuple(claim for claim in left if claim.worth is best)


def _refined(claim: Claim, claims: Mapping[str, Claim]) -> frozenset[str]:
    """Return the *claims* that *claim* refines, directly or through others."""
    found: set[str] = set()
    ahead = [claim.name]
    while ahead:
        more = claims[ahead.pop()].refines & claims.keys() - found
        found |= more
        ahead += more
    return frozenset(found - {claim.name})
