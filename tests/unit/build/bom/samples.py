"""Installed distributions, and validators of the published schemas."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from layerwright.build.bom.component import Bom, Component
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.spdx import spdx

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["as_cyclonedx", "as_spdx", "faults", "install"]


def install(site_packages: Path, name: str, version: str = "1.0", *fields: str, **files: str | bytes) -> Path:
    """Install a distribution with the metadata *fields*; return its ``.dist-info`` directory, which has *files*."""
    directory = site_packages / f"{name}-{version}.dist-info"
    directory.mkdir(parents=True)
    head = "\n".join(("Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields))
    (directory / "METADATA").write_text(f"{head}\n\nLicense: of the description\n")
    (directory / "RECORD").write_text("")
    for file, content in files.items():
        (directory / file).write_bytes(content.encode() if isinstance(content, str) else content)
    return directory


def as_cyclonedx(components: Iterable[Component]) -> Any:
    """Return the document of *components* in CycloneDX."""
    return json.loads(cyclonedx(Bom(name="venv", components=tuple(components))))


def as_spdx(components: Iterable[Component]) -> Any:
    """Return the document of *components* in SPDX."""
    return json.loads(spdx(Bom(name="venv", components=tuple(components))))


def faults(directory: Path, components: Iterable[Component]) -> list[str]:
    """Return what the validators of CycloneDX (strict) and of SPDX say of both documents of *components*."""
    # They take a second to import.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    bom = Bom(name="venv", components=tuple(components))
    strict = JsonStrictValidator(SchemaVersion.V1_6).validate_str(cyclonedx(bom).decode())
    file = directory / "bom.spdx.json"
    file.write_bytes(spdx(bom))
    messages = validate_full_spdx_document(parse_file(str(file)))
    return [*([str(strict)] if strict else []), *(message.validation_message for message in messages)]
