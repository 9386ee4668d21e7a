"""The entries of a lock file in JSON, in the form of ``Pipfile.lock``: tables of distributions by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from layerwright.contract.locked import HASH, LockEntry
from layerwright.errors import UserError

if TYPE_CHECKING:
    from layerwright.files.project import Project

__all__ = ["locked_json"]

# About the lock file, not about a distribution.
_META: Final = "_meta"
_PATHS: Final = ("path", "file")


def locked_json(project: Project, file: str) -> tuple[LockEntry, ...]:
    """Return the entries of all tables of *file*; an entry that is not a distribution has no pins.

    ``UserError``: it is not valid JSON, or not an object.
    """
    try:
        tree = json.loads(project.text(file))
    except (ValueError, RecursionError) as error:
        raise _malformed(file, f"{error}.") from error
    if not isinstance(tree, dict):
        raise _malformed(file, "It is not an object.")
    return tuple(
        _entry(name, found)
        for table, packages in tree.items()
        if table != _META
        for name, found in (packages.items() if isinstance(packages, dict) else [(table, packages)])
    )


def _entry(name: str, found: Any) -> LockEntry:
    if not isinstance(found, dict):
        return LockEntry(key=f"{name}==")
    version, hashes, marker = found.get("version"), found.get("hashes"), found.get("markers")
    exact = isinstance(version, str) and version.startswith("==")
    pins = [h for h in hashes if isinstance(h, str) and HASH.fullmatch(h)] if isinstance(hashes, list) else []
    if isinstance(found.get("ref"), str) and found["ref"]:
        pins.append(found["ref"])
    paths = {found[key] for key in _PATHS if isinstance(found.get(key), str) and "://" not in found[key]}
    return LockEntry(
        key=f"{name}{version if exact else '=='}",
        # Another directory of the same commit is another distribution.
        pins=tuple(sorted([*pins, str(found.get("subdirectory", ""))])) if pins else (),
        paths=tuple(sorted(paths)),
        marker=marker if isinstance(marker, str) else "",
    )


def _malformed(file: str, cause: str) -> UserError:
    return UserError(
        f"{file} is not a lock file in JSON.",
        cause=cause,
        remedy=f"Write {file} again with the tool that it belongs to, and commit it.",
        reference="malformed-lock-file",
    )
