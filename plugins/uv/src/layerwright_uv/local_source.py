"""What a distribution that is built from a local directory depends on: as a rule, every file of it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Project

__all__ = ["digest_of", "table"]


def digest_of(project: Project, directory: str, *, editable: bool) -> str:
    """Return a digest of all that determines what installing *directory* puts into the virtual environment.

    An editable one by a backend that only points at the source, with metadata that its ``pyproject.toml``
    declares, depends on the files and the names at its top. So code below may change, and nothing is built.
    """
    if not (editable and _points_at_its_source(project, directory)):
        return project.digest(directory)
    entries = (path for path in sorted(project.path(directory).iterdir()) if not path.name.startswith("."))
    lines = (
        f"{path.name} {project.digest(str(path)) if path.is_file() else ''}\n"
        for path in entries
        # What it locks is not in the distribution.
        if path.name not in {"uv.lock", "__pycache__"}
    )
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()


def table(parent: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the table *keys* of *parent*, an empty one where there is none."""
    for key in keys:
        value = parent.get(key)
        parent = value if isinstance(value, dict) else {}
    return parent


def _points_at_its_source(project: Project, directory: str) -> bool:
    pyproject = project.toml(f"{directory}/pyproject.toml")
    metadata, build = table(pyproject, "project"), table(pyproject, "build-system")
    # With a table of its own a backend can be told to run code, or to copy files.
    own = {
        "uv_build": table(pyproject, "tool", "uv", "build-backend"),
        "hatchling.build": table(pyproject, "tool", "hatch"),
    }
    backend = build.get("build-backend")
    return (
        backend in own
        and not own[backend]
        and "backend-path" not in build
        and not {"dynamic", "license-files"} & metadata.keys()
        and not any("/" in str(metadata.get(key)) for key in ("readme", "license"))
    )
