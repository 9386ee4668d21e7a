"""The files of an application that may start it: at the top, and in the only import package there."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from layerwright import Project

__all__ = ["directories", "other_files", "package_files"]

# Modules of tools, which do not start an application.
_TOOLS: Final = re.compile(
    r"(?:setup|manage|conftest|noxfile|fabfile|tasks|celery\w*|gunicorn\w*|hypercorn\w*|\w*conf(?:ig)?|_.*|tests?|test_.*)"
    r"\.py"
)
_OTHERS: Final = frozenset({"docs", "examples", "migrations", "node_modules", "scripts", "test", "tests"})


def package_files(project: Project, *names: str) -> tuple[str, ...]:
    """Return the files *names* of the only import package at the top of *project*; empty if there are several."""
    found = [name for name in directories(project) if project.exists(f"{name}/__init__.py")]
    return tuple(f"{found[0]}/{name}" for name in names) if len(found) == 1 else ()


def other_files(project: Project, known: Collection[str]) -> tuple[str, ...]:
    """Return the Python files at the top of *project*, in order, without those *known* and without those of tools."""
    with os.scandir(project.root) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".py") and entry.is_file())
    return tuple(name for name in names if name not in known and not _TOOLS.fullmatch(name))


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
