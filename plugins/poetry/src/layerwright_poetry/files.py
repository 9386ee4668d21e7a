"""Read Poetry's files, as far as a build needs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from layerwright import Project

__all__ = [
    "LOCK",
    "PYPROJECT",
    "LockedDistribution",
    "locked",
    "poetry_table",
    "python_versions",
    "requires_python",
]

LOCK: Final = "poetry.lock"
PYPROJECT: Final = "pyproject.toml"

# The lock file is not parsed: that takes longer than the rest of an unchanged build.
_HEAD: Final = re.compile(r'\nname = "(.*)"\nversion = "(.*)"\n')
_HASH: Final = re.compile(r', hash = "(.*?)"')
# It begins with plain text, which is searched for ten times as fast as the beginning of a line.
_LOCAL: Final = re.compile(r'\ntype = "(?:directory|file)"\s*?\n(?:\w+ = .*\n)*?url = "(.*)"')
_PYTHON_VERSIONS: Final = re.compile(rb'^python-versions = "(.*)"', re.MULTILINE)


def poetry_table(project: Project) -> Mapping[str, Any]:
    """Return ``[tool.poetry]`` of ``pyproject.toml``, or an empty table."""
    tool = project.toml(PYPROJECT).get("tool")
    table = tool.get("poetry") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else {}


def requires_python(project: Project) -> object:
    """Return ``requires-python`` of the project table, unchecked; ``None`` if it is not set."""
    table = project.toml(PYPROJECT).get("project")
    value = table.get("requires-python") if isinstance(table, dict) else None
    return value.strip() if isinstance(value, str) else value


class LockedDistribution(NamedTuple):
    """A distribution of the lock file: ``name==version``, empty if that cannot be read, and its archives' hashes.

    ``path`` is the local directory or archive, relative to the application, and empty for any other distribution.
    """

    key: str
    hashes: tuple[str, ...]
    path: str

    @property
    def name(self) -> str:
        """Its name, as the lock file spells it."""
        return self.key.partition("==")[0]


def locked(project: Project) -> Iterator[LockedDistribution]:
    """Yield each distribution that the lock file of *project* names."""
    for block in project.text(LOCK).split("[[package]]")[1:]:
        head, local = _HEAD.match(block), _LOCAL.search(block)
        key = f"{head[1]}=={head[2]}" if head else ""
        yield LockedDistribution(key, tuple(sorted(_HASH.findall(block))), local[1] if local else "")


def python_versions(project: Project) -> str:
    """Return the Python versions that the lock file supports, as Poetry writes them; ``*`` if it does not say."""
    # Each distribution has a line of that name as well. The application's is in the table at the end.
    metadata = (project.read(LOCK) or b"").rpartition(b"\n[metadata]")[2]
    found = _PYTHON_VERSIONS.search(metadata)
    return found[1].decode() if found else "*"
