"""What the lock file of an application says about its virtual environment, as the plugin reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerwright.contract.locked import LockedArchive
from layerwright.contract.sameness import Locked, Resolution, Unprovable
from layerwright.contract.values.environment import Expected
from layerwright.plugins.blame import blaming, checked_value
from layerwright.plugins.wrong_types import checked_parts

if TYPE_CHECKING:
    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.environment import EnvironmentRequest

__all__ = ["archives_of", "expected_of"]


def expected_of(manager: PackageManager, request: EnvironmentRequest[Any], label: str) -> Expected | None:
    """Return the distributions that *manager*, of the plugin *label*, expects to install, if it can say so.

    ``PluginError``: it raises, or returns something else.
    """
    with blaming(label, "expects"):
        found = manager.expects(request)
    return None if found is None else checked_parts(found, Expected, label, "expects")


def archives_of(sameness: Locked | Resolution | Unprovable, label: str) -> tuple[LockedArchive, ...]:
    """Return the archives in the lock file, for all platforms, as the plugin *label* reads them; none without one.

    ``PluginError``: it raises, or returns something else.
    """
    if isinstance(sameness, Resolution) or sameness.archives is None:
        return ()
    what = f"{type(sameness).__name__}.archives"
    with blaming(label, what):
        found = tuple(sameness.archives())
    return tuple(checked_value(one, LockedArchive, label, what) for one in found)
