"""The distributions that a declared package manager will install, according to its lock file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.contract.markers import marker_applies
from layerwright.contract.package_manager import Expected
from layerwright.plugins.declarative._lock_file import value_at

if TYPE_CHECKING:
    from layerwright.contract.package_manager import EnvironmentRequest
    from layerwright.plugins.declarative._model import Declaration

__all__ = ["expected"]

# As PDM, and as Poetry, call it.
_MARKERS: Final = ("marker", "markers")
_UNCERTAIN: Final = "Distributions of groups that are not selected are not installed."


def expected(declaration: Declaration, request: EnvironmentRequest) -> Expected | None:
    """Return the entries of the lock file for this machine; ``None`` if it has no readable ones."""
    lock = declaration.environment.lock
    if lock is None or lock.packages is None:
        return None
    found = value_at(request.project.toml(lock.file), lock.packages)
    names = set()
    for entry in found if isinstance(found, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        markers = [value for key in _MARKERS if isinstance(value := entry.get(key), str)]
        if all(marker_applies(marker, request.interpreter.version) for marker in markers):
            names.add(entry["name"])
    return Expected(names=frozenset(names), source=lock.file, uncertain=_UNCERTAIN) if names else None
