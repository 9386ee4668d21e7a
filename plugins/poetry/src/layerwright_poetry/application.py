"""The application as a distribution of its own, which Poetry installs as editable unless it is no package."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

from layerwright_poetry.files import PYPROJECT, poetry_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from layerwright import Project

__all__ = ["application_inputs", "fresh_because", "stays_installed"]

_LEGAL: Final = ("AUTHORS", "COPYING", "LICENCE", "LICENSE", "NOTICE")
# The bytes that the name of a file can have at most; a description has more.
_LONGEST: Final = 255


def application_inputs(project: Project) -> dict[str, str]:
    """Return what the installation of the application itself is made from, besides the tables of ``pyproject.toml``.

    Its metadata has the text of files: the readme, licences, scripts.
    """
    if not _is_package(project):
        return {}
    total = hashlib.sha256()
    for name in _files(project):
        total.update(f"{name}\0{project.digest(name)}\0".encode())
    for place in filter(lambda name: project.path(name).exists(), _places(project)):
        total.update(f"{place}\0".encode())
    return {"application": f"sha256:{total.hexdigest()}"}


def fresh_because(project: Project, plugins: Sequence[str]) -> str:
    """Return why the inputs do not tell what the application's own installation is; nothing where they do."""
    if not _is_package(project):
        return ""
    if poetry_table(project).get("build"):
        return "tool.poetry.build is a program that makes a part of the application"
    return f"a plugin of Poetry can change what the application is: {', '.join(plugins)}" if plugins else ""


def stays_installed(project: Project, site_packages: Path) -> bool:
    """Return whether there is something in *site_packages* that Poetry does not remove, even if nothing wants it."""
    names = ("pip",) if _is_package(project) else ("pip", _module(project))
    return any(found for name in names for found in site_packages.glob(f"{name}-*.dist-info"))


def _is_package(project: Project) -> bool:
    return poetry_table(project).get("package-mode", True) is not False


def _module(project: Project) -> str:
    table = project.toml(PYPROJECT).get("project")
    name = (table.get("name") if isinstance(table, dict) else None) or poetry_table(project).get("name")
    return re.sub(r"[-_.]+", "_", str(name)).lower()


def _places(project: Project) -> list[str]:
    """Return where Poetry looks for the application's import package."""
    module = _module(project)
    return [f"{parent}{module}{suffix}" for parent in ("", "src/") for suffix in ("", ".py")]


def _files(project: Project) -> list[str]:
    """Return the files that the tables name, whatever for, and those that count as licences by their names."""
    named = _strings([project.toml(PYPROJECT).get("project"), poetry_table(project)])
    files = {name for name in named if len(name.encode()) <= _LONGEST and project.exists(name)}
    beside = (path.name for path in project.root.iterdir())
    return sorted(files.union(name for name in beside if name.upper().startswith(_LEGAL)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)
