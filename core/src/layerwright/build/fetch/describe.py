"""What a bundle has to have: the entries of the lock file that a build installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.venv.locked import archives_of, expected_of
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked

if TYPE_CHECKING:
    from layerwright.build._specify import Described
    from layerwright.build.choose.prepared import Prepared

__all__ = ["locked_entries"]


def locked_entries(prepared: Prepared, described: Described) -> tuple[str, ...]:
    """Return ``name==version`` for each distribution that the lock file names and the build installs.

    There are none if the lock file cannot be read that far, or there is no lock file.
    """
    sameness = described.install.sameness
    if not isinstance(sameness, Locked) or sameness.archives is None:
        return ()
    expected = expected_of(prepared.manager, described.asked, prepared.label)
    names = None
    if expected is not None and not expected.uncertain:
        names = {normalised_name(name) for name in expected.names}
    found = {(normalised_name(one.name), one.version) for one in archives_of(sameness, prepared.label)}
    return tuple(sorted(f"{name}=={version}" for name, version in found if names is None or name in names))
