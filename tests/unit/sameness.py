"""What an installation says of sameness, taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import Locked, Unprovable, Update

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import EnvironmentInstall, LockedArchive


def unproved(install: EnvironmentInstall) -> str:
    """Return why nothing proves sameness, nothing where something does."""
    return install.sameness.because if isinstance(install.sameness, Unprovable) else ""


def update_of(install: EnvironmentInstall) -> Update | None:
    """Return how the commands of a locked *install* bring an environment to a change, where they do."""
    update = install.sameness.update if isinstance(install.sameness, Locked) else None
    return update if isinstance(update, Update) else None


def archives_of(install: EnvironmentInstall) -> Mapping[str, str]:
    """Return the digests of archives that a locked *install* is updated by."""
    update = update_of(install)
    assert update is not None
    return update.archives


def locked_in(install: EnvironmentInstall) -> list[LockedArchive]:
    """Return the archives that the lock file of *install* names."""
    assert isinstance(install.sameness, Locked)
    assert install.sameness.archives is not None
    return list(install.sameness.archives())
