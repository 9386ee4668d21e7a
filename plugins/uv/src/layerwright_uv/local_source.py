"""The inputs of a distribution that is built from a local directory: usually every file in it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Project

__all__ = ["digest_of", "table"]


def digest_of(project: Project, directory: str, *, editable: bool) -> str:
    """Return a digest of everything that determines what installing *directory* puts into the virtual environment.

    If it is *editable*, its backend only points at the source, and its ``pyproject.toml`` declares all metadata,
    only the files and the names at its top level count. Code below can change without a new build.
    """
    if not (editable and _points_at_its_source(project, directory)):
        return project.digest(directory)
    entries = (path for path in sorted(project.path(directory).iterdir()) if not path.name.startswith("."))
    lines = (
        f"{path.name} {project.digest(str(path)) if path.is_file() else ''}\n"
        for path in entries
        # Neither becomes part of the distribution.
        if path.name not in {"uv.lock", "__pycache__"}
    )
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()


def table(parent: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return the table at *keys* in *parent*, or an empty one."""
    for key in keys:
        value = parent.get(key)
        parent = value if isinstance(value, dict) else {}
    return parent


def _points_at_its_source(project: Project, directory: str) -> bool:
    pyproject = project.toml(f"{directory}/pyproject.toml")
    metadata, build = table(pyproject, "project"), table(pyproject, "build-system")
    # A backend's own table can tell it to run code or to copy files.
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
