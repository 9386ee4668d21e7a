"""Asks a package manager what a policy needs to know, and checks the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.plugins.blame import blaming, checked_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.values.environment import EnvironmentRequest

__all__ = ["variables_for_age"]


def variables_for_age(
    manager: PackageManager, request: EnvironmentRequest, before: datetime, label: str
) -> Mapping[str, str]:
    """Return the variables with which *manager*, of the plugin *label*, chooses among releases from *before*."""
    with blaming(label, "release_age_variables"):
        found = dict(manager.release_age_variables(request, before))
    for name, value in found.items():
        checked_value(name, str, label, "release_age_variables")
        checked_value(value, str, label, "release_age_variables")
    return found
