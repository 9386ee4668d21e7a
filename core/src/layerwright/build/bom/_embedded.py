"""What a distribution contains: its own bills of materials (PEP 770), and what it vendors."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.bom._metadata import described, fields_of
from layerwright.build.bom.component import Component, pypi_purl, unique
from layerwright.build.bom.reading import ReadingError, read_cyclonedx, read_spdx
from layerwright.build.installed.dist_info import DIST_INFO
from layerwright.contract.names import normalised_name
from layerwright.files import bounded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Unreadable", "embedded", "vendored"]

_SBOMS: Final = "sboms"
_PINNED: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;#]+)")


class Unreadable(str):
    """The name of a document that cannot be read."""


def embedded(dist_info: Path, itself: Component) -> Iterator[Component | Unreadable]:
    """Yield the components in the documents that the wheel of *itself* brought (PEP 770), without *itself*."""
    directory = dist_info / _SBOMS
    for file in sorted(path for path in directory.rglob("*") if path.is_file()) if directory.is_dir() else ():
        try:
            found = _read(file)
        except (OSError, ReadingError):
            yield Unreadable(str(file.relative_to(directory)))
            continue
        yield from (
            one for one in found if (normalised_name(one.name), one.version) != (itself.name, itself.version)
        )


def vendored(package: Path) -> tuple[Component, ...]:
    """Return the distributions that the import package at *package* vendors.

    pip lists its own in ``_vendor/vendor.txt``, setuptools keeps their metadata.
    """
    place = package / "_vendor"
    found = []
    try:
        text = bounded.read(place / "vendor.txt").decode(errors="replace")
    except OSError:
        text = ""
    for name, version in _PINNED.findall(re.sub(r"(?m)#.*$", "", text)):
        known = normalised_name(name)
        found.append(Component(name=known, version=version, purl=pypi_purl(known, version)))
    for dist_info in sorted(place.glob(f"*{DIST_INFO}")):
        fields = fields_of(dist_info)
        if fields:
            found.append(described(dist_info, fields))
    return unique(found)


def _read(file: Path) -> tuple[Component, ...]:
    try:
        document: Any = json.loads(bounded.read(file))
    except (ValueError, RecursionError) as error:
        raise ReadingError("not JSON") from error
    if isinstance(document, dict) and "spdxVersion" in document:
        return read_spdx(document)
    return read_cyclonedx(document)
