"""The only import package at the top of an application, and files in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from layerwright import Project

__all__ = ["directories", "package_files"]

_OTHERS: Final = frozenset({"docs", "examples", "migrations", "node_modules", "scripts", "test", "tests"})


def package_files(project: Project, *names: str) -> tuple[str, ...]:
    """Return the files *names* of the only import package at the top of *project*; empty if there are several."""
    found = [name for name in directories(project) if project.exists(f"{name}/__init__.py")]
    return tuple(f"{found[0]}/{name}" for name in names) if len(found) == 1 else ()


def directories(project: Project) -> tuple[str, ...]:
    """Return the directories of *project* that may have code of the application, in order."""
    with os.scandir(project.root) as entries:
        return tuple(
            sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                and not entry.name.startswith(".")
                and entry.name not in _OTHERS
            )
        )
