"""Reads CycloneDX and SPDX documents in JSON: what wheels bring (PEP 770), and what a build wrote beside its layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom._licence import licence_named
from layerwright.build.bom.component import KINDS, Component, Licence, web_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ReadingError", "read_cyclonedx", "read_spdx", "subject_of"]

_MISSING: Final = frozenset({"", "NONE", "NOASSERTION"})
_KINDS: Final = {"APPLICATION": "application", "FILE": "file"}
# What a wheel brings is not checked by anyone, and one wrong value would make our document invalid.
_HASH: Final = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_CPE: Final = re.compile(r"cpe:2\.3:[aho](:[A-Za-z0-9._*-]+){10}")
_PURL: Final = re.compile(r"pkg:[A-Za-z][A-Za-z0-9.+-]*/[!-~]+")


class ReadingError(ValueError):
    """A document is not what it claims to be; the message says why."""


def read_cyclonedx(document: Any) -> tuple[Component, ...]:
    """Return the components of *document*, a CycloneDX document of any version, with their parts.

    ``ReadingError``: it is not one.
    """
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        raise ReadingError("not a CycloneDX document")
    requires = {
        _text(one.get("ref")): [text for text in _list(one.get("dependsOn")) if isinstance(text, str)]
        for one in _tables(document.get("dependencies"))
    }
    names = {_text(one.get("bom-ref")): _text(one.get("name")) for one in _tables(document.get("components"))}
    return tuple(
        _cyclonedx(
            one, tuple(names[ref] for ref in requires.get(_text(one.get("bom-ref")), ()) if ref in names)
        )
        for one in _tables(document.get("components"))
        if _text(one.get("name"))
    )


def read_spdx(document: Any) -> tuple[Component, ...]:
    """Return the packages of *document*, an SPDX 2 document, without the one that it describes.

    ``ReadingError``: it is not one.
    """
    if not isinstance(document, dict) or not isinstance(document.get("packages"), list):
        raise ReadingError("not an SPDX document")
    described = {
        *(text for text in _list(document.get("documentDescribes")) if isinstance(text, str)),
        *(
            _text(one.get("relatedSpdxElement"))
            for one in _tables(document.get("relationships"))
            if one.get("relationshipType") == "DESCRIBES"
        ),
    }
    return tuple(
        _spdx(one)
        for one in _tables(document["packages"])
        if _text(one.get("name")) and _text(one.get("SPDXID")) not in described
    )


def subject_of(document: dict[str, Any]) -> tuple[str, str]:
    """Return the name and the version of what *document* is about, in either format; each is empty if it is unknown."""
    if "spdxVersion" in document:
        return _text(document.get("name")), ""
    metadata = document.get("metadata")
    component = metadata.get("component") if isinstance(metadata, dict) else None
    found = component if isinstance(component, dict) else {}
    return _text(found.get("name")), _text(found.get("version"))


def _cyclonedx(table: dict[str, Any], requires: tuple[str, ...]) -> Component:
    return Component(
        name=_text(table.get("name")),
        version=_text(table.get("version")),
        kind=table["type"] if table.get("type") in KINDS else "library",
        purl=_matching(_PURL, table.get("purl")),
        cpe=_matching(_CPE, table.get("cpe")),
        description=_text(table.get("description")),
        licence=_licence(table),
        hashes=_hashes((one.get("alg"), one.get("content")) for one in _tables(table.get("hashes"))),
        url=_reference(table, "distribution"),
        homepage=_reference(table, "website"),
        requires=requires,
        parts=tuple(
            _cyclonedx(one, ()) for one in _tables(table.get("components")) if _text(one.get("name"))
        ),
        notes={
            _text(one.get("name")): _text(one.get("value"))
            for one in _tables(table.get("properties"))
            if _text(one.get("name"))
        },
    )


def _licence(table: dict[str, Any]) -> Licence:
    names = []
    for one in _tables(table.get("licenses")):
        if _text(one.get("expression")):
            return licence_named([_text(one["expression"])])
        inner = one.get("license")
        if isinstance(inner, dict):
            names.append(_text(inner.get("id")) or _text(inner.get("name")))
    return licence_named(filter(None, names))


def _spdx(table: dict[str, Any]) -> Component:
    references = {
        _text(one.get("referenceType")): _text(one.get("referenceLocator"))
        for one in _tables(table.get("externalRefs"))
    }
    declared = _text(table.get("licenseDeclared"))
    return Component(
        name=_text(table.get("name")),
        version=_text(table.get("versionInfo")),
        kind=_KINDS.get(_text(table.get("primaryPackagePurpose")), "library"),
        purl=_matching(_PURL, references.get("purl")),
        cpe=_matching(_CPE, references.get("cpe23Type")),
        # A reference to a text elsewhere in the document means nothing without it.
        licence=Licence() if declared in _MISSING or "LicenseRef-" in declared else licence_named([declared]),
        hashes=_hashes(
            (one.get("algorithm"), one.get("checksumValue")) for one in _tables(table.get("checksums"))
        ),
        url=web_address(table.get("downloadLocation")),
        homepage=web_address(table.get("homepage")),
    )


def _reference(table: dict[str, Any], kind: str) -> str:
    urls = (one.get("url") for one in _tables(table.get("externalReferences")) if one.get("type") == kind)
    return next(filter(None, map(web_address, urls)), "")


def _hashes(found: Iterable[tuple[object, object]]) -> tuple[str, ...]:
    named = ((_text(name).replace("-", "").lower(), _text(value).lower()) for name, value in found)
    return tuple(
        f"{name}:{value}"
        for name, value in named
        if len(value) == _HASH.get(name) and not value.strip("0123456789abcdef")
    )


def _matching(pattern: re.Pattern[str], value: object) -> str:
    return _text(value) if pattern.fullmatch(_text(value)) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(value: object) -> Iterator[dict[str, Any]]:
    return (one for one in _list(value) if isinstance(one, dict))
