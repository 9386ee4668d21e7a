"""The errors about bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["changed_since", "damaged", "for_another", "holding_secret", "no_bundle", "not_for_a_bundle"]

_MOST: Final = 10
_AGAIN: Final = "layerwright fetch APP --into DIR"


def no_bundle(directory: Path) -> SiteError:
    """Return the error about a *directory* without a manifest."""
    return SiteError(
        f"{directory} is not a complete bundle.",
        cause="It has no bundle.json, which `layerwright fetch` writes last."
        if directory.is_dir()
        else "There is no such directory.",
        remedy=(
            "Pass the directory that `layerwright fetch` wrote, the value of its option --into. Copy it as a whole.",
            f"If fetch was interrupted, run it again, on a machine with a network: {_AGAIN}",
        ),
        reference="no-bundle",
    )


def damaged(directory: Path, cause: str) -> SiteError:
    """Return the error about a bundle at *directory* that is not as it was written."""
    return SiteError(
        f"The bundle at {directory} is damaged, or was changed.",
        cause=cause,
        remedy=("Copy the bundle again, as a whole.", f"Or fetch it again: {_AGAIN}"),
        reference="bundle-damaged",
    )


def for_another(directory: Path, cause: str, *remedy: str) -> UserError:
    """Return the error about a bundle at *directory* for another build; *cause* says how this one differs."""
    return UserError(
        f"The bundle at {directory} is for another build.",
        cause=cause,
        remedy=(*remedy, f"Fetch a bundle for this one, on a machine with a network: {_AGAIN}"),
        reference="bundle-for-another",
    )


def changed_since(directory: Path, missing: Sequence[str]) -> UserError:
    """Return the error about an application whose lock file has *missing* entries that the bundle lacks."""
    shown = (*missing[:_MOST], *(["…"] if missing[_MOST:] else []))
    return UserError(
        f"The bundle at {directory} lacks distributions that the application needs now.",
        cause=f"The lock file has changed since the bundle was fetched: {', '.join(shown)}.",
        remedy=(
            f"Fetch again, on a machine with a network: {_AGAIN}",
            "Or build the application as it was when the bundle was fetched.",
        ),
        reference="bundle-outdated",
    )


def not_for_a_bundle(manager: str, why: str) -> UserError:
    """Return the error about an application that *manager* cannot build without a network, and *why*."""
    return UserError(
        f"{manager} cannot build this application without a network.",
        cause=why,
        remedy=(
            "Change the application, or build it with another package manager.",
            "Or give the machine without a network a mirror of the package index.",
        ),
        reference="not-for-a-bundle",
    )


def holding_secret(directory: Path) -> SiteError:
    """Return the error about a bundle in *directory* with a credential in a file."""
    return SiteError(
        "The bundle would contain a credential.",
        cause=f"A package manager, or a page of an index, has put it into a file of {directory}.",
        remedy="Keep credentials out of URLs: in a keyring or in netrc. Then fetch again.",
        reference="bundle-holds-secret",
    )
