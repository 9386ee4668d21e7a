"""What a layer contains, as components: distributions, an interpreter, a tool."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from layerwright.build.bom._archives import archive_of, by_distribution, hashes_of
from layerwright.build.bom._embedded import Unreadable, embedded, vendored
from layerwright.build.bom._metadata import described, fields_of
from layerwright.build.bom.component import Component, Licence, pypi_purl, unique, web_address
from layerwright.build.installed.closure import Requirer, required_by
from layerwright.build.installed.dist_info import DIST_INFO, records
from layerwright.contract.markers import marker_environment
from layerwright.process.redaction import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from layerwright.contract.locked import LockedArchive
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["UNREADABLE", "distributions", "interpreter_component"]

UNREADABLE: Final = "layerwright:unreadable-sbom"
"""The note of a component with a document (PEP 770) that cannot be read."""
_BUNDLED: Final = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[^-]+)-.*\.whl")
_VENDORS: Final = "_vendor"


def distributions(
    site_packages: Path, python: str, archives: Iterable[LockedArchive] = ()
) -> tuple[Component, ...]:
    """Return the distributions in *site_packages*, with what they contain and require on Python *python*.

    *archives* are those that they may come from. A distribution without readable metadata is left out: no
    tool counts it as installed.
    """
    found, requirers, locked = [], [], by_distribution(archives)
    for dist_info in sorted(site_packages.glob(f"*{DIST_INFO}")):
        fields = fields_of(dist_info)
        if fields is None or not (dist_info / "RECORD").is_file():
            continue
        one = described(dist_info, fields)
        archive = archive_of(dist_info, locked.get((one.name, one.version), ()))
        hashes, pinned = hashes_of(archive) if archive else ((), {})
        inside = list(embedded(dist_info, one))
        wrong = sorted(name for name in inside if isinstance(name, Unreadable))
        parts = (*(part for part in inside if isinstance(part, Component)), *_vendored(dist_info, one))
        found.append(
            replace(
                one,
                hashes=hashes,
                url=one.url or (web_address(KNOWN.masked_url(archive.url)) if archive else ""),
                parts=unique(parts),
                notes={**one.notes, **pinned, **({UNREADABLE: ", ".join(wrong)} if wrong else {})},
            )
        )
        requirers.append(
            Requirer(name=one.name, version=one.version, requires=fields.get("requires-dist", ()))
        )
    needed: dict[str, set[str]] = {}
    for name, other in required_by(requirers, marker_environment(python)):
        needed.setdefault(name, set()).add(other)
    return unique(replace(one, requires=tuple(sorted(needed.get(one.name, ())))) for one in found)


def interpreter_component(interpreter: Interpreter, sha256: str, url: str = "") -> Component:
    """Return *interpreter* in its layer, made from the archive with *sha256*, if it was made from one."""
    version = interpreter.version
    bundled = interpreter.prefix / "lib" / f"python{interpreter.minor}" / "ensurepip" / "_bundled"
    wheels = [found for path in sorted(bundled.glob("*.whl")) if (found := _BUNDLED.fullmatch(path.name))]
    return Component(
        name="python",
        version=version,
        kind="application",
        # There is no type of package URL for interpreters; scanners look for these two.
        purl=f"pkg:generic/python@{version}",
        cpe=f"cpe:2.3:a:python:python:{version}:*:*:*:*:*:*:*",
        description="The CPython interpreter and its standard library",
        licence=Licence(expression="PSF-2.0"),
        hashes=(f"sha256:{sha256}",) if sha256 else (),
        url=url,
        homepage="https://www.python.org/",
        parts=tuple(
            Component(name=one["name"], version=one["version"], purl=pypi_purl(one["name"], one["version"]))
            for one in wheels
        ),
    )


def _vendored(dist_info: Path, one: Component) -> tuple[Component, ...]:
    """Return what the distribution vendors in the import packages that its ``RECORD`` names."""
    record = dist_info / "RECORD"
    # Hardly any distribution does, and there are tens of thousands of names.
    if f"/{_VENDORS}".encode() not in record.read_bytes():
        return ()
    packages = {name.split("/", 1)[0] for name, _ in records(record) if name.split("/")[1:2] == [_VENDORS]}
    parts = (part for name in sorted(packages) for part in vendored(dist_info.parent / name))
    return tuple(part for part in parts if part.name != one.name)
