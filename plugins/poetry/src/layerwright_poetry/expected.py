"""What Poetry will install from its lock file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright import Expected, marker_applies
from layerwright_poetry.application import installed_as
from layerwright_poetry.files import LOCK

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from layerwright import EnvironmentRequest

__all__ = ["expected"]


def expected(request: EnvironmentRequest, groups: Collection[str]) -> Expected | None:
    """Return the distributions of the lock file that are in one of *groups* and are chosen for this machine.

    Returns ``None`` for a lock file of an older Poetry, which does not say which group a distribution is in.
    """
    found = request.project.toml(LOCK).get("package")
    packages = [p for p in found if isinstance(p, dict)] if isinstance(found, list) else []
    if not all(isinstance(package.get("groups"), list) for package in packages):
        return None
    names = {str(p.get("name")) for p in packages if _is_chosen(p, request, groups)}
    own = installed_as(request.project, request.settings.root)
    return Expected(names=frozenset({*names, own} if own else names), source=LOCK)


def _is_chosen(package: Mapping[str, Any], request: EnvironmentRequest, groups: Collection[str]) -> bool:
    markers = package.get("markers")
    return any(
        marker_applies(
            # Either one marker for all its groups, or one for each.
            markers.get(group) if isinstance(markers, dict) else markers,
            request.interpreter.version,
            extras=request.settings.extras,
        )
        for group in package["groups"]
        if group in groups
    )
