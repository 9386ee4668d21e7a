"""What a bundle has to have: the entries of the lock file that a build installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked
from layerwright.contract.values.environment import Expected
from layerwright.plugins.blame import blaming
from layerwright.plugins.wrong_types import checked_parts

if TYPE_CHECKING:
    from layerwright.build._specify import Described
    from layerwright.contract.package_manager import PackageManager

__all__ = ["locked_entries"]


def locked_entries(manager: PackageManager, described: Described) -> tuple[str, ...]:
    """Return ``name==version`` for each distribution that the lock file of *manager* names and the build installs.

    There are none if the lock file cannot be read that far, or there is no lock file.
    """
    sameness = described.install.sameness
    if not isinstance(sameness, Locked) or sameness.archives is None:
        return ()
    with blaming(manager.name, "expects"):
        expected = manager.expects(described.asked)
    names = None
    if expected is not None:
        expected = checked_parts(expected, Expected, manager.name, "expects")
        names = {normalised_name(name) for name in expected.names} if not expected.uncertain else None
    found = {(normalised_name(one.name), one.version) for one in sameness.archives()}
    return tuple(sorted(f"{name}=={version}" for name, version in found if names is None or name in names))
