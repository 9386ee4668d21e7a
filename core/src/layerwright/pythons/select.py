"""Chooses an interpreter from the providers by PEP 440."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerwright.errors import UserError
from layerwright.pythons.provider import version_key
from layerwright.pythons.specifiers import version_matcher
from layerwright.pythons.support import MINORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from layerwright.pythons.provider import Candidate, Provider

__all__ = ["select"]


def select(
    specifier: str,
    prefer: Sequence[str],
    providers: Sequence[Provider],
    *,
    within: str = "",
    asked: str = "",
) -> tuple[Provider, Candidate]:
    """Return the best candidate of the first of *providers* that has one matching *specifier*.

    Candidates *within* the bounds come first, from every provider. Next are those that match the first specifier in
    *prefer* that any candidate matches, then newer ones. All are valid PEP 440 specifiers; an empty one matches every
    version. ``UserError``: no candidate matches; the message calls the wanted version *asked*.
    """
    for text in (f"{specifier},{within}", specifier) if within else (specifier,):
        wanted = version_matcher(text)
        for provider in providers:
            matching = [candidate for candidate in provider.candidates(wanted) if wanted(candidate.version)]
            if matching:
                preferred = (c for p in map(version_matcher, prefer) for c in matching if p(c.version))
                return provider, next(preferred, matching[0])
    raise _not_found(specifier, providers, asked or specifier)


def _not_found(specifier: str, providers: Iterable[Provider], asked: str) -> UserError:
    nearest, places = [], []
    for provider in providers:
        versions = _nearest(specifier, [candidate.version for candidate in provider.candidates()])
        nearest.append(f"{provider.name}: {', '.join(versions) or 'none at all'}")
        places += [f"{provider.name}: {place}" for place in provider.looked_in()]
    if () < _wanted(specifier)[:2] < version_key(MINORS[-1]):
        shown = "".join(f"\n  {line}" for line in nearest)
        return UserError(
            f"Python {asked} was not found.",
            cause=f"It is too old: Python {MINORS[-1]} or newer is needed.\nNearest available versions:{shown}",
            remedy=(
                "Request one of the versions above, or better one that still gets security fixes, such as 3.13.",
                "If the next build fails because a distribution does not support it, use a newer version of that.",
            ),
            reference="python-not-found",
        )
    lines = ["Nearest available versions:", *nearest, "Looked in:", *places]
    return UserError(
        f"Python {asked} was not found.",
        cause="\n".join(line if line.endswith(":") else f"  {line}" for line in lines),
        remedy=(
            "Request one of the versions above, or only a minor version, such as 3.13.",
            "Or make the version available in one of the places above.",
        ),
        reference="python-not-found",
    )


def _nearest(specifier: str, versions: Iterable[str]) -> list[str]:
    """Return the neighbours, older and newer, of the first version in *specifier*.

    They have the same minor version if possible, and otherwise are the newest patches of others.
    """
    wanted = _wanted(specifier)
    known = sorted(version_key(version) for version in versions)
    pool = [key for key in known if key[:2] == wanted[:2]] or list({key[:2]: key for key in known}.values())
    found = [key for key in pool if key <= wanted][-1:] + [key for key in pool if key > wanted][:1]
    return [".".join(map(str, key)) for key in found]


def _wanted(specifier: str) -> tuple[int, ...]:
    """Return the first version in *specifier*; empty if there is none."""
    number = re.search(r"\d+(\.\d+)*", specifier)
    return version_key(number[0]) if number else ()
