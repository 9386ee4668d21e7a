"""The distributions that a declared package manager will install, according to its lock file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.contract.markers import marker_applies
from layerwright.contract.package_manager import Expected
from layerwright.plugins.declarative._lock_file import locked, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.contract.package_manager import EnvironmentRequest
    from layerwright.plugins.declarative._model import Declaration, LockTable
    from layerwright.project import Project

__all__ = ["expected"]

# PDM's name for it, and Poetry's.
_MARKERS: Final = ("marker", "markers")
_UNCERTAIN: Final = "Distributions of groups that are not selected are not installed."


def expected(declaration: Declaration, request: EnvironmentRequest) -> Expected | None:
    """Return the entries of the lock file for this machine; ``None`` if it has no readable ones."""
    lock = declaration.environment.lock
    if lock is None or lock.form is None:
        return None
    found = _in_toml(request.project, lock) if lock.form == "toml" else _in_lines(request.project, lock)
    names = {
        name
        for name, markers in found
        if all(marker_applies(marker, request.interpreter.version) for marker in markers)
    }
    uncertain = "" if lock.form == "requirements" else _UNCERTAIN
    return Expected(names=frozenset(names), source=lock.file, uncertain=uncertain) if names else None


def _in_lines(project: Project, lock: LockTable) -> Iterator[tuple[str, list[str]]]:
    # One without a version or a hash may be a path, or a file with more.
    yield from ((entry.name, [entry.marker]) for entry in locked(project, lock) if "==" in entry.key)


def _in_toml(project: Project, lock: LockTable) -> Iterator[tuple[str, list[str]]]:
    found = value_at(project.toml(lock.file), lock.packages or "")
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield entry["name"], [value for key in _MARKERS if isinstance(value := entry.get(key), str)]
