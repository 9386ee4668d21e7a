"""Refuses incompatible distributions, before and after they are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.installed.closure import PYTHON, requirer, unmet
from layerwright.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.metadata import Distribution

__all__ = ["refuse_unknown_plugins", "refuse_unmet_requirements"]


def refuse_unknown_plugins(unknown: Sequence[str], known: Iterable[str]) -> None:
    """Raise a ``UserError`` if there are *unknown* plugins; it lists the *known* ones."""
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        raise UserError(
            f"There is no plugin {' or '.join(unknown)}.",
            cause=f"Installed plugins: {there}.",
            remedy=(
                f"Install it in the environment of Layerwright: pip install {' '.join(unknown)}",
                "Or lock it with hashes in a requirements file, and pass that with --requirements.",
            ),
            reference="unknown-plugin",
        )


def refuse_unmet_requirements(
    distributions: Iterable[Distribution], versions: Mapping[str, str], markers: Mapping[str, str]
) -> None:
    """Raise a ``UserError`` unless *versions*, by name, meet all requirements of *distributions*."""
    faults = unmet(map(requirer, distributions), versions, markers)
    if not faults:
        return
    remedy = ["Install compatible versions, or lock others and pass them with --requirements."]
    unlocked = dict.fromkeys(fault.requirement for fault in faults if not fault.there)
    if unlocked:
        remedy = [
            f"Lock these and what they require for Python {markers['python_version']}, with hashes: "
            + ", ".join(f'"{requirement}"' for requirement in unlocked),
            "Package with it: --requirements FILE",
        ]
    elif all(fault.name == PYTHON for fault in faults):
        remedy = ["Choose another Python with --python."]
    raise UserError(
        "The distributions of the buildpack are not compatible.",
        cause="\n".join(dict.fromkeys(fault.words for fault in faults)),
        remedy=remedy,
        reference="buildpack-incomplete",
    )
