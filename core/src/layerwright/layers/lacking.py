"""What the distributions of a tool require and do not find beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.closure import requirer, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layerwright.interpreter import Interpreter

__all__ = ["lacking"]


def lacking(layer: Path, interpreter: Interpreter) -> tuple[str, ...]:
    """Return, in words, what is required by distributions in *layer* and is not there, for *interpreter*.

    They are in the virtual environment of a tool's own, or in a user site-packages directory.
    """
    sites = (interpreter.site_packages(place) for place in (layer / "venv", layer))
    return tuple(words for site in sites if site.is_dir() for words in _lacking_in(site, interpreter.version))


def _lacking_in(site: Path, python: str) -> Iterator[str]:
    from importlib.metadata import distributions

    there = [requirer(one) for one in distributions(path=[str(site)]) if one.read_text("METADATA")]
    for fault in unmet(there, {one.name: one.version for one in there}, _markers(python)):
        instead = f"and {fault.name} {fault.there} is there" if fault.there else "which is not there"
        yield f"{fault.by} requires {fault.requirement}, {instead}."


def _markers(python: str) -> Mapping[str, str]:
    """Return the environment of markers (PEP 508) on this machine for CPython *python*."""
    from packaging.markers import default_environment

    minor = ".".join(python.split(".")[:2])
    here = {name: str(value) for name, value in default_environment().items()}
    return {
        **here,
        "implementation_version": python,
        "python_full_version": python,
        "python_version": minor,
    }
