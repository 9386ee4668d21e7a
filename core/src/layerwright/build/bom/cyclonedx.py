"""Bills of materials as CycloneDX 1.6: https://cyclonedx.org/docs/1.6/json/."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom.component import Component, numbered, pypi_purl
from layerwright.build.bom.identity import CREATED, identifier, text_of
from layerwright.process.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from layerwright.build.bom.component import Bom, Licence

__all__ = ["as_json", "cyclonedx", "framed"]

_ALGORITHMS: Final = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
_ROOT: Final = "root"


def cyclonedx(bom: Bom) -> bytes:
    """Return *bom* as a document in JSON. Equal ones are equal bytes, whenever and wherever they are written."""
    components = tuple(numbered(bom.components))
    refs = _first_by_name(components)
    dependencies = [
        {"ref": ref, "dependsOn": on} if on else {"ref": ref}
        for ref, one in components
        for on in [sorted({refs[name] for name in one.requires if name in refs} - {ref})]
    ]
    required = {ref for one in dependencies for ref in one.get("dependsOn", ())}
    document = framed(
        bom.name,
        bom.version,
        {"lifecycles": [{"phase": "build"}]},
        {
            "components": [as_json(ref, one) for ref, one in components],
            "dependencies": [
                {"ref": _ROOT, "dependsOn": [ref for ref, _ in components if ref not in required]},
                *dependencies,
            ],
        },
    )
    return text_of(document)


def framed(
    name: str, version: str, metadata: Mapping[str, Any], contents: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the document about the application *name* with *contents*, and with *metadata* beside its own.

    Equal ones have the same serial number.
    """
    tool = Component(
        name="layerwright",
        version=__version__,
        kind="application",
        purl=pypi_purl("layerwright", __version__),
    )
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "",
        "version": 1,
        "metadata": {
            "timestamp": CREATED,
            **metadata,
            "tools": {"components": [as_json(tool.name, tool)]},
            "component": as_json(_ROOT, Component(name=name, version=version, kind="application")),
        },
        **contents,
    }
    document["serialNumber"] = f"urn:uuid:{identifier(document)}"
    return document


def as_json(ref: str, one: Component) -> dict[str, Any]:
    """Return the component *one* as JSON values; the document refers to it as *ref*."""
    references = {"distribution": one.url, "website": one.homepage}
    table = {
        "type": one.kind,
        "bom-ref": ref,
        "name": one.name,
        "version": one.version,
        "description": one.description,
        "hashes": [
            {"alg": _ALGORITHMS[algorithm], "content": digest}
            for algorithm, _, digest in (each.partition(":") for each in one.hashes)
        ],
        "licenses": _licences(one.licence),
        "cpe": one.cpe,
        "purl": one.purl,
        "externalReferences": [{"type": kind, "url": url} for kind, url in references.items() if url],
        "properties": [{"name": name, "value": value} for name, value in sorted(one.notes.items())],
        "components": [as_json(f"{ref}|{inner}", part) for inner, part in numbered(one.parts)],
    }
    return {key: value for key, value in table.items() if value}


def _first_by_name(components: Iterable[tuple[str, Component]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for ref, component in components:
        found.setdefault(component.name, ref)
    return found


def _licences(licence: Licence) -> Sequence[dict[str, Any]]:
    if licence.expression:
        # An identifier would have to be one of the list in the schema, an expression may be any.
        return [{"expression": licence.expression}]
    return [{"license": {"name": name}} for name in licence.names]
