"""Checks that a set of distributions contains everything that its members require."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.contract.names import normalised_name
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.metadata import Distribution

    from packaging.requirements import Requirement

__all__ = ["PYTHON", "Requirer", "Unmet", "required_by", "requirer", "unmet"]

PYTHON: Final = "Python"
"""The name of a requirement on the version of Python, which is not a normalised name of a distribution."""
_NAME: Final = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@frozen
class Requirer:
    """A distribution: its normalised name, its version, and its requirements (PEP 508, PEP 345)."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    requires_python: str = ""


@frozen
class Unmet:
    """A requirement that is not met: ``there`` is the version that exists instead, empty if there is none."""

    name: str
    requirement: str
    by: str
    there: str

    @property
    def words(self) -> str:
        """The fault as a sentence."""
        instead = f"but it would be {self.there}" if self.there else "which is not locked"
        return f"{self.by} requires {self.requirement}, {instead}."


def requirer(distribution: Distribution) -> Requirer:
    """Return the installed *distribution* with its requirements."""
    return Requirer(
        name=normalised_name(distribution.metadata["Name"]),
        version=distribution.version,
        requires=tuple(distribution.requires or ()),
        requires_python=str(distribution.metadata.json.get("requires_python", "")),
    )


def unmet(
    distributions: Iterable[Requirer], versions: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[Unmet, ...]:
    """Return the requirements of *distributions* that *versions* (version by name) do not meet, for *environment*."""
    requirers = tuple(distributions)
    required = _required(requirers, environment)
    return (*_wrong_python(requirers, environment), *_missing(required, versions))


def required_by(
    distributions: Iterable[Requirer], environment: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the normalised names of each of *distributions* and of what it requires in *environment*.

    Extras count where something requires them. A requirement that cannot be parsed is left out, and so is one of
    something that is not among *distributions*.
    """
    requirers = tuple(distributions)
    there = {one.name for one in requirers}

    def counts(text: str) -> bool:
        # Most are for tests and documentation: parsing these takes longer than everything else.
        name = _NAME.match(text)
        return name is not None and normalised_name(name[1]) in there and _is_valid(text)

    readable = tuple(replace(one, requires=tuple(filter(counts, one.requires))) for one in requirers)
    for one, requirement in _required(readable, environment):
        yield one.name, normalised_name(requirement.name)


def _is_valid(requirement: str) -> bool:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        Requirement(requirement)
    except InvalidRequirement:
        return False
    return True


def _required(
    requirers: tuple[Requirer, ...], environment: Mapping[str, str]
) -> list[tuple[Requirer, Requirement]]:
    from packaging.requirements import Requirement

    extras: dict[str, set[str]] = {one.name: {""} for one in requirers}
    parsed = [(one, Requirement(text)) for one in requirers for text in one.requires]
    while True:
        required = [
            (one, requirement)
            for one, requirement in parsed
            if _applies(requirement, extras[one.name], environment)
        ]
        asked = {(r.name, extra) for _, r in required for extra in r.extras}
        new = {
            (name, extra)
            for name, extra in ((normalised_name(name), extra) for name, extra in asked)
            if name in extras and extra not in extras[name]
        }
        if not new:
            return required
        for name, extra in new:
            extras[name].add(extra)


def _applies(requirement: Requirement, extras: Iterable[str], environment: Mapping[str, str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras)


def _missing(
    required: Iterable[tuple[Requirer, Requirement]], versions: Mapping[str, str]
) -> Iterator[Unmet]:
    for one, requirement in required:
        there = versions.get(normalised_name(requirement.name), "")
        if not there or not requirement.specifier.contains(there, prereleases=True):
            requirement.marker = None
            yield Unmet(
                name=normalised_name(requirement.name),
                requirement=str(requirement),
                by=f"{one.name} {one.version}",
                there=there,
            )


def _wrong_python(requirers: Iterable[Requirer], environment: Mapping[str, str]) -> Iterator[Unmet]:
    from packaging.specifiers import SpecifierSet

    python = environment["python_full_version"]
    for one in requirers:
        if not SpecifierSet(one.requires_python).contains(python):
            yield Unmet(
                name=PYTHON,
                requirement=f"Python {one.requires_python}",
                by=f"{one.name} {one.version}",
                there=python,
            )
