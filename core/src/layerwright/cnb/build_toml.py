"""build.toml: the entries of the buildpack plan that are left to later buildpacks (Buildpack API, "build.toml")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cnb import toml
from layerwright.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from layerwright.cnb.build_plan import BuildpackPlan

__all__ = ["write_build"]


def write_build(path: Path, *, unmet: Sequence[str], plan: BuildpackPlan) -> None:
    """Write the build.toml at *path* with the entries of *plan* that are *unmet*.

    ``ValueError``: a name is in no entry, which the lifecycle rejects.
    """
    unknown = set(unmet) - {entry.name for entry in plan.entries}
    if unknown:
        raise ValueError(f"not in the buildpack plan, so they cannot be unmet: {', '.join(sorted(unknown))}")
    # A lifecycle reads it at once, and never again.
    write_atomically(path, toml.dumps({"unmet": [{"name": name} for name in unmet]}), lasting=False)
