"""What Poetry's files say, read as far as a build needs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Project

__all__ = ["LOCK", "PYPROJECT", "local_sources", "poetry_table", "python_versions"]

LOCK: Final = "poetry.lock"
PYPROJECT: Final = "pyproject.toml"

# The lock is not parsed: that takes longer than all else that an unchanged build does.
_SOURCE: Final = re.compile(rb"^\[package\.source\]\s*?\n((?:\w+ = .*\n)+)", re.MULTILINE)
_LOCAL: Final = re.compile(rb'^type = "(?:directory|file)"', re.MULTILINE)
_URL: Final = re.compile(rb'^url = "(.*)"', re.MULTILINE)
_PYTHON_VERSIONS: Final = re.compile(rb'^python-versions = "(.*)"', re.MULTILINE)


def poetry_table(project: Project) -> Mapping[str, Any]:
    """Return ``[tool.poetry]`` of ``pyproject.toml``, an empty one where there is none."""
    tool = project.toml(PYPROJECT).get("tool")
    table = tool.get("poetry") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def local_sources(project: Project) -> list[str]:
    """Return the paths, relative to the application, of the directories and archives that the lock file names."""
    sources = _SOURCE.findall(project.read(LOCK) or b"")
    urls = (url for source in sources if _LOCAL.search(source) for url in _URL.findall(source))
    return sorted({url.decode() for url in urls})


def python_versions(project: Project) -> str:
    """Return the Python versions that the lock file is for, as Poetry writes them; ``*`` where it says nothing."""
    # Each distribution has a line of that name as well; the application's is in the table at the end.
    metadata = (project.read(LOCK) or b"").rpartition(b"\n[metadata]")[2]
    found = _PYTHON_VERSIONS.search(metadata)
    return found[1].decode() if found else "*"
