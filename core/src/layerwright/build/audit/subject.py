"""What is audited: the distributions in a bill of materials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from layerwright.build.bom.merging import LAYER
from layerwright.contract.names import normalised_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from layerwright.build.bom.component import Component

__all__ = ["Subject", "subjects"]

_PURL: Final = "pkg:pypi/"
_LOCAL: Final = "layerwright:local-source"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A version of a distribution, and where it is: a layer, and what contains it there."""

    name: str
    """Normalised."""

    version: str
    places: tuple[str, ...] = ()


def subjects(components: Iterable[Component]) -> tuple[Subject, ...]:
    """Return the distributions among *components* and their parts, each version once, sorted by name.

    What was installed from a directory is left out: a database knows what an index has under that name.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, version, place in _seen(components, ""):
        places = found.setdefault((name, version), [])
        if place and place not in places:
            places.append(place)
    return tuple(
        Subject(name=name, version=version, places=tuple(places))
        for (name, version), places in sorted(found.items())
    )


def _seen(components: Iterable[Component], inside: str) -> Iterator[tuple[str, str, str]]:
    for one in components:
        layer = one.notes.get(LAYER, "")
        place = inside or layer
        if one.purl.startswith(_PURL) and _LOCAL not in one.notes:
            name, _, version = one.purl.removeprefix(_PURL).partition("?")[0].partition("#")[0].partition("@")
            if version:
                yield normalised_name(unquote(name)), unquote(version), place
        yield from _seen(one.parts, f"{one.name} in {place}" if place else one.name)
