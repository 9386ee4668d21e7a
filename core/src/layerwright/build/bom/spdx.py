"""Bills of materials as SPDX 2.3: https://spdx.github.io/spdx-spec/v2.3/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom.component import Component, numbered
from layerwright.build.bom.identity import CREATED, NAMESPACE, identifier, text_of
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from layerwright.build.bom.component import Bom

__all__ = ["spdx"]

_ROOT: Final = "SPDXRef-root"
_UNKNOWN: Final = "NOASSERTION"
_PURPOSES: Final = {
    "application": "APPLICATION",
    "file": "FILE",
    "firmware": "FIRMWARE",
    "framework": "FRAMEWORK",
    "operating-system": "OPERATING-SYSTEM",
}
_LICENCE_REF: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")


class _Licences:
    """The licences of a document that are no SPDX identifiers, each with a reference of its own."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def declared(self, one: Component) -> str:
        """Return the licence of *one* as an expression."""
        if one.licence.expression:
            for name in _LICENCE_REF.findall(one.licence.expression):
                self._found.setdefault(name, name)
            return one.licence.expression
        # Whether all of several apply, their names do not say; of the two readings, this asks for more.
        return " AND ".join(map(self._reference, one.licence.names)) or _UNKNOWN

    @property
    def texts(self) -> list[dict[str, str]]:
        """What the document says of each: its name, because the text is in the layer."""
        return [
            {"licenseId": reference, "name": name, "extractedText": name}
            for name, reference in sorted(self._found.items())
        ]

    def _reference(self, name: str) -> str:
        return self._found.setdefault(name, f"LicenseRef-{_id(name)}-{len(self._found) + 1}")


def spdx(bom: Bom) -> bytes:
    """Return *bom* as a document in JSON. Equal ones are equal bytes, whenever and wherever they are written."""
    licences = _Licences()
    root = Component(name=bom.name, version=bom.version, kind="application")
    listed = list(_listed(bom.components, ""))
    ids = {one.name: identity for identity, one, inside in reversed(listed) if not inside}
    relationships = [("SPDXRef-DOCUMENT", "DESCRIBES", _ROOT)]
    for identity, one, inside in listed:
        relationships.append((inside or _ROOT, "CONTAINS", identity))
        needed = sorted({ids[name] for name in one.requires if name in ids} - {identity})
        relationships += [(identity, "DEPENDS_ON", other) for other in needed]
    packages = [_package(_ROOT, root, licences), *(_package(i, one, licences) for i, one, _ in listed)]
    document: dict[str, Any] = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": bom.name,
        "documentNamespace": "",
        "creationInfo": {"created": CREATED, "creators": [f"Tool: layerwright-{__version__}"]},
        "packages": packages,
        "hasExtractedLicensingInfos": licences.texts,
        "relationships": [
            {"spdxElementId": subject, "relationshipType": kind, "relatedSpdxElement": object_}
            for subject, kind, object_ in relationships
        ],
    }
    document["documentNamespace"] = f"{NAMESPACE}{identifier(document)}"
    return text_of(document)


def _listed(
    components: Iterable[Component], inside: str, prefix: str = "SPDXRef"
) -> Iterator[tuple[str, Component, str]]:
    """Yield the identifier of each of *components* and of their parts, and the identifier of what contains it."""
    for number, (_, one) in enumerate(numbered(components), 1):
        identity = f"{prefix}-{number}-{_id(one.name)}"
        yield identity, one, inside
        yield from _listed(one.parts, identity, identity)


def _package(identity: str, one: Component, licences: _Licences) -> dict[str, Any]:
    references = [("PACKAGE-MANAGER", "purl", one.purl), ("SECURITY", "cpe23Type", one.cpe)]
    table = {
        "SPDXID": identity,
        "name": one.name,
        "versionInfo": one.version,
        "summary": one.description,
        "downloadLocation": one.url or _UNKNOWN,
        "filesAnalyzed": False,
        "homepage": one.homepage,
        "licenseConcluded": _UNKNOWN,
        "licenseDeclared": licences.declared(one),
        "copyrightText": _UNKNOWN,
        "primaryPackagePurpose": _PURPOSES.get(one.kind, "LIBRARY"),
        "checksums": [
            {"algorithm": algorithm.upper(), "checksumValue": digest}
            for algorithm, _, digest in (each.partition(":") for each in one.hashes)
        ],
        "externalRefs": [
            {"referenceCategory": category, "referenceType": kind, "referenceLocator": locator}
            for category, kind, locator in references
            if locator
        ],
        "comment": "; ".join(f"{name}: {value}" for name, value in sorted(one.notes.items())),
    }
    return {key: value for key, value in table.items() if value not in ("", [])}


def _id(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-") or "unnamed"
