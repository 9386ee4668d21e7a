"""The files of an application that may start it: at the top, in its only import package, and one level below."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from layerwright_frameworks.declared import own_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from layerwright import Project

__all__ = ["directories", "files_below", "other_files", "package_files"]

# Modules of tools, which do not start an application.
_TOOLS: Final = (
    r"(?:setup|manage|conftest|noxfile|fabfile|tasks|celery\w*|gunicorn\w*|hypercorn\w*|\w*conf(?:ig)?|_.*|tests?|test_.*)"
    r"\.py"
)
_OTHERS: Final = frozenset({"docs", "examples", "migrations", "node_modules", "scripts", "test", "tests"})


def package_files(project: Project, distributions: Collection[str], *names: str) -> tuple[str, ...]:
    """Return the files *names* of the only import package of *project*; empty if there are several.

    It is at the top, or in the directory ``src`` if the project is one of the installed *distributions*: only then the
    package can be imported.
    """
    found = _packages(project, "")
    if not found and own_name(project) in distributions:
        found = _packages(project, "src")
    return tuple(f"{found[0]}/{name}" for name in names) if len(found) == 1 else ()


def _packages(project: Project, place: str) -> list[str]:
    found = [f"{place}/{name}".lstrip("/") for name in directories(project, place)]
    return [name for name in found if project.exists(f"{name}/__init__.py")]


def other_files(project: Project, known: Collection[str]) -> tuple[str, ...]:
    """Return the Python files at the top of *project*, in order, without those *known* and without those of tools."""
    with os.scandir(project.root) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".py") and entry.is_file())
    return tuple(name for name in names if name not in known and not re.fullmatch(_TOOLS, name))


def files_below(project: Project, names: Iterable[str], *, packages: bool = True) -> tuple[str, ...]:
    """Return the files *names* one level below the top of *project*; without *packages*, not those in one."""
    places = [d for d in directories(project) if packages or not project.exists(f"{d}/__init__.py")]
    return tuple(f for f in (f"{place}/{name}" for place in places for name in names) if project.exists(f))


def directories(project: Project, place: str = "") -> tuple[str, ...]:
    """Return the directories in *place* that may have code of the application, in order."""
    if not project.is_directory(place):
        return ()
    with os.scandir(project.path(place)) as entries:
        return tuple(
            sorted(
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                and not entry.name.startswith(".")
                and entry.name not in _OTHERS
            )
        )
