"""Components of a bill of materials, and their package URLs."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["KINDS", "Bom", "Component", "Licence", "numbered", "pypi_purl", "unique", "web_address"]

KINDS: Final = frozenset(
    {"application", "file", "firmware", "framework", "library", "operating-system", "platform"}
)
"""The types of CycloneDX that are kept."""

# https://github.com/package-url/purl-spec: these need no encoding.
_PLAIN: Final = ".-_~:"
_NEVER_IN_URLS: Final = frozenset(' <>"{}|\\^`[]')


@frozen
class Licence:
    """The licence of a component: an SPDX expression, or the names that its author wrote."""

    expression: str = ""
    """An SPDX licence expression; a single identifier is one."""

    names: tuple[str, ...] = ()
    """Names that are no SPDX identifiers. Empty if there is an expression."""


@frozen
class Component:
    """Something that is installed: a distribution, an interpreter, a tool, or what one of them contains."""

    name: str
    version: str
    kind: str = "library"
    """Its type in CycloneDX, one of ``KINDS``."""

    purl: str = ""
    """Its package URL, if it has one."""

    cpe: str = ""
    """Its name in the National Vulnerability Database (CPE 2.3), if it has no package URL that scanners know."""

    description: str = ""
    licence: Licence = field(default_factory=Licence)
    hashes: tuple[str, ...] = ()
    """The hashes of the archive that it comes from, as ``sha256:…``."""

    url: str = ""
    """Where the archive comes from, if that is known, without secrets."""

    homepage: str = ""
    requires: tuple[str, ...] = ()
    """The names of the components of the same document that it requires."""

    parts: tuple[Component, ...] = ()
    """What it contains according to its own documents (PEP 770), or vendors."""

    notes: Mapping[str, str] = field(default_factory=dict)
    """Facts for which the formats have no field of their own, by name."""

    @property
    def identity(self) -> tuple[str, str]:
        """What two descriptions of the same thing share."""
        return (self.purl, "") if self.purl else (self.name, self.version)


@frozen
class Bom:
    """The bill of materials of *name*: a layer or an application."""

    name: str
    version: str = ""
    components: tuple[Component, ...] = ()


def pypi_purl(name: str, version: str, **qualifiers: str) -> str:
    """Return the package URL (purl) of the distribution *name*, a normalised one, without empty *qualifiers*."""
    shown = "&".join(
        f"{key}={quote(value, safe=_PLAIN)}" for key, value in sorted(qualifiers.items()) if value
    )
    return f"pkg:pypi/{name}@{quote(version, safe=_PLAIN)}{f'?{shown}' if shown else ''}"


def unique(components: Iterable[Component]) -> tuple[Component, ...]:
    """Return *components* without those that an earlier one describes as well, sorted by name and version."""
    found: dict[tuple[str, str], Component] = {}
    for component in components:
        found.setdefault(component.identity, component)
    return tuple(sorted(found.values(), key=lambda one: (one.name.lower(), one.version, one.purl)))


def numbered(components: Iterable[Component]) -> Iterator[tuple[str, Component]]:
    """Yield each of *components* with a reference that no other component of the document has."""
    seen: dict[str, int] = {}
    for component in components:
        base = component.purl or f"{component.name}@{component.version}"
        seen[base] = seen.get(base, 0) + 1
        yield (base if seen[base] == 1 else f"{base}#{seen[base]}"), component


def web_address(url: object) -> str:
    """Return *url* if it is an absolute URL of the web with no character that it must not have; otherwise nothing.

    One invalid URL makes a whole document invalid.
    """
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return ""
    return url if url.isascii() and url.isprintable() and not _NEVER_IN_URLS & set(url) else ""
