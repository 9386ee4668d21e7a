"""Records in the form of the Open Source Vulnerability schema, for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["advisory", "package", "write_records"]


def package(
    name: str,
    *events: Mapping[str, str],
    versions: Sequence[str] = (),
    kind: str = "ECOSYSTEM",
    ecosystem: str = "PyPI",
    **more: Any,
) -> dict[str, Any]:
    """Return an entry of ``affected``."""
    return {
        "package": {"ecosystem": ecosystem, "name": name, "purl": f"pkg:pypi/{name}"},
        "ranges": [{"type": kind, "events": list(events)}] if events else [],
        "versions": list(versions),
        **more,
    }


def advisory(identity: str, *affected: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a record with the fields that every record has."""
    return {
        "schema_version": "1.7.0",
        "id": identity,
        "modified": "2026-11-20T10:00:00Z",
        "published": "2026-11-18T00:00:00Z",
        "summary": f"The summary of {identity}",
        "details": "A longer text.\n",
        "affected": list(affected),
        **more,
    }


def write_records(directory: Path, *records: Mapping[str, Any]) -> Path:
    """Write each of *records* into a file of *directory*, and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    for one in records:
        (directory / f"{one['id']}.json").write_text(json.dumps(one))
    return directory
