"""The distributions that a declared package manager will install, according to its lock file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.contract.markers import marker_applies
from layerwright.contract.values.environment import Expected
from layerwright.plugins.declarative._lock_file import entry_of, locked, value_at
from layerwright.plugins.declarative._options import chosen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from typing import Any

    from layerwright.contract.values.environment import EnvironmentRequest
    from layerwright.files.project import Project
    from layerwright.plugins.declarative._model import Declaration, LockTable

__all__ = ["expected", "refuse_lost"]

# PDM's name for it, and Poetry's.
_MARKERS: Final = ("marker", "markers")
_ALWAYS: Final = ("default", "main")
_UNCERTAIN: Final = "Distributions of groups that are not selected are not installed."


def expected(declaration: Declaration, request: EnvironmentRequest) -> Expected | None:
    """Return the entries of the lock file for this machine; ``None`` if it has no readable ones."""
    lock = declaration.environment.lock
    if lock is None or lock.form is None:
        return None
    is_certain = lock.form == "requirements"
    if lock.form == "toml":
        tables = [table for table in _tables(request.project, lock) if isinstance(table.get("name"), str)]
        groups = _groups(declaration, request)
        found = [(table["name"], _markers(table)) for table in tables if _is_chosen(table, groups)]
        is_certain = all(isinstance(table.get("groups"), list) for table in tables)
    else:
        found = list(_in_lines(request.project, lock))
    names = {
        name
        for name, markers in found
        if all(marker_applies(marker, request.interpreter.version) for marker in markers)
    }
    uncertain = "" if is_certain else _UNCERTAIN
    return Expected(names=frozenset(names), source=lock.file, uncertain=uncertain) if names else None


def refuse_lost(declaration: Declaration, request: EnvironmentRequest, absent: Collection[str]) -> None:
    """Raise a ``UserError`` if one of *absent*, paths in a lock file in TOML, is outside the source tree and needed.

    A distribution of a group that is not chosen is not needed: the tool never looks for its path.
    """
    lock = declaration.environment.lock
    if lock is None or lock.form != "toml":
        return
    groups, python = _groups(declaration, request), request.interpreter.version
    for table in _tables(request.project, lock):
        applies = all(marker_applies(marker, python) for marker in _markers(table))
        if applies and _is_chosen(table, groups):
            for path in entry_of(table, lock).paths:
                if path in absent:
                    request.project.refuse_lost(path, lock.file)


def _in_lines(project: Project, lock: LockTable) -> Iterator[tuple[str, list[str]]]:
    # One without a version or a hash may be a path, or a file with more.
    yield from ((entry.name, [entry.marker]) for entry in locked(project, lock) if "==" in entry.key)


def _groups(declaration: Declaration, request: EnvironmentRequest) -> frozenset[str]:
    return chosen(declaration.settings, request.settings, request.exec_env).union(_ALWAYS)


def _is_chosen(table: Mapping[str, Any], groups: Collection[str]) -> bool:
    own = table.get("groups")
    return not isinstance(own, list) or any(group in groups for group in map(str, own))


def _tables(project: Project, lock: LockTable) -> Iterator[Mapping[str, Any]]:
    found = value_at(project.toml(lock.file), lock.packages or "")
    yield from (table for table in (found if isinstance(found, list) else ()) if isinstance(table, dict))


def _markers(table: Mapping[str, Any]) -> list[str]:
    return [value for key in _MARKERS if isinstance(value := table.get(key), str)]
