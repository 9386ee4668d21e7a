"""Writes the bills of materials of the layers beside them (Buildpack API, "Software-Bill-of-Materials")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.build._decide import Action
from layerwright.build.layers import names
from layerwright.contract.sameness import Locked
from layerwright.plugins.blame import blaming, checked_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from layerwright.build._contribute import Contribution
    from layerwright.build._specify import Described
    from layerwright.build.bom.component import Component
    from layerwright.build.request import BuildRequest
    from layerwright.contract.locked import LockedArchive

__all__ = ["write_boms"]

# What these hold is in no image, or is written by us.
_WITHOUT: Final = (names.STAND_INS, names.cache_layer(""))


def write_boms(
    request: BuildRequest,
    contributions: Iterable[Contribution],
    described: Described,
    *,
    label: str,
    again: Collection[str] = (),
) -> None:
    """Write a document in each format of *request* for each layer that was changed, lacks one, or is among *again*.

    *label* is that of the plugin that provides the package manager. A layer whose contents are not here keeps the
    documents that it has. Documents in other formats are removed.
    """
    layers, formats = request.layers, request.sbom_formats
    for one in contributions:
        there = layers.sbom_formats(one.name)
        is_kept = one.decision.action is Action.KEEP and one.name not in again
        if (
            (is_kept and there >= formats)
            or not formats
            or one.name.startswith(_WITHOUT)
            or not (one.exported.launch or one.exported.build)
            or not one.path.is_dir()
        ):
            layers.remove_sboms(one.name, there - formats)
            continue
        # A build with nothing changed has no time to import these.
        from layerwright.build.bom.component import Bom
        from layerwright.build.bom.cyclonedx import cyclonedx
        from layerwright.build.bom.spdx import spdx

        layers.bring(one.name)
        bom = Bom(name=one.name, components=_components(one.name, one.path, described, label))
        writers = {"cdx": cyclonedx, "spdx": spdx}
        layers.write_sboms(one.name, {form: writers[form](bom) for form in sorted(formats)})


def _components(name: str, layer: Path, described: Described, label: str) -> tuple[Component, ...]:
    from layerwright.build.bom.installed import distributions, interpreter_component

    interpreter = described.interpreter
    if name == names.PYTHON:
        return (
            interpreter_component(interpreter, described.python.inputs.get("archive SHA-256", "")),
            *distributions(interpreter.site_packages(layer), interpreter.version),
        )
    archives = _archives(layer, described, label) if name == names.VENV else ()
    found = tuple(
        component
        for place in (layer, layer / "venv")
        for component in distributions(interpreter.site_packages(place), interpreter.version, archives)
    )
    return found or tuple(_tool(name, described))


def _archives(layer: Path, described: Described, label: str) -> tuple[LockedArchive, ...]:
    """Return the archives that the virtual environment was resolved to, or those that its lock file names."""
    from layerwright.build.venv.resolved import read_record
    from layerwright.contract.locked import LockedArchive

    resolved = read_record(layer)
    if resolved is not None:
        return tuple(LockedArchive(name=one.name, version=one.version, hashes=one.hashes) for one in resolved)
    sameness = described.install.sameness
    if not isinstance(sameness, Locked) or sameness.archives is None:
        return ()
    with blaming(label, "Locked.archives"):
        found = tuple(sameness.archives())
    return tuple(checked_value(one, LockedArchive, label, "Locked.archives") for one in found)


def _tool(name: str, described: Described) -> Iterable[Component]:
    """Yield the tool in layer *name*, for one that is no distribution but a program."""
    from layerwright.build.bom.component import Component, pypi_purl
    from layerwright.contract.names import normalised_name

    for one in described.tools:
        if one.spec.name == name:
            known = normalised_name(one.manager.name)
            yield Component(
                name=known,
                version=one.tool.version,
                kind="application",
                purl=pypi_purl(known, one.tool.version),
            )
