"""Requirements of a tool's distributions that are not installed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.installed.closure import requirer, unmet
from layerwright.contract.markers import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.pythons.interpreter import Interpreter

__all__ = ["lacking"]


def lacking(layer: Path, interpreter: Interpreter) -> tuple[str, ...]:
    """Return the requirements of the distributions in *layer* that are not met, for *interpreter*, as text.

    The distributions are in the tool's own virtual environment, or in a user site-packages directory.
    """
    sites = (interpreter.site_packages(place) for place in (layer / "venv", layer))
    return tuple(words for site in sites if site.is_dir() for words in _lacking_in(site, interpreter.version))


def _lacking_in(site: Path, python: str) -> Iterator[str]:
    from importlib.metadata import distributions

    there = [requirer(one) for one in distributions(path=[str(site)]) if one.read_text("METADATA")]
    for fault in unmet(there, {one.name: one.version for one in there}, marker_environment(python)):
        instead = f"but {fault.name} {fault.there} is installed" if fault.there else "which is not installed"
        yield f"{fault.by} requires {fault.requirement}, {instead}."
