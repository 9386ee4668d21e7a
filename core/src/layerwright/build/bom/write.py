"""Writes the bills of materials of the layers beside them (Buildpack API, "Software-Bill-of-Materials")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.build.bom._archives import hashes_of
from layerwright.build.bom.component import Bom, Component, pypi_purl
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.installed import distributions, interpreter_component
from layerwright.build.bom.spdx import spdx
from layerwright.build.layers import names
from layerwright.build.venv.locked import archives_of
from layerwright.build.venv.resolved import read_record
from layerwright.contract.locked import HASH, LockedArchive, locked_requirements
from layerwright.contract.markers import marker_applies
from layerwright.contract.names import normalised_name
from layerwright.contract.sameness import Locked
from layerwright.pythons.provider import ARCHIVE_SHA256

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from layerwright.build._contribute import Contribution
    from layerwright.build._specify import Described
    from layerwright.build.request import BuildRequest

__all__ = ["write_boms"]


def write_boms(
    request: BuildRequest, due: Iterable[Contribution], described: Described, *, label: str
) -> None:
    """Write a document in each format of *request* for each layer that is *due*.

    *label* is that of the plugin that provides the package manager.
    """
    writers = {"cdx": cyclonedx, "spdx": spdx}
    for one in due:
        request.layers.bring(one.name)
        bom = Bom(name=one.name, components=_components(one.name, one.path, described, label))
        documents = {form: writers[form](bom) for form in sorted(request.sbom_formats)}
        request.layers.write_sboms(one.name, documents)


def _components(name: str, layer: Path, described: Described, label: str) -> tuple[Component, ...]:
    interpreter = described.interpreter
    if name == names.PYTHON:
        return (
            interpreter_component(interpreter, described.python.inputs.get(ARCHIVE_SHA256, "")),
            *distributions(interpreter.site_packages(layer), interpreter.version),
        )
    is_venv = name == names.VENV
    archives = _archives(layer, described, label) if is_venv else tuple(_of_tool(name, layer, described))
    found = tuple(
        component
        for place in (layer, layer / "venv")
        for component in distributions(interpreter.site_packages(place), interpreter.version, archives)
    )
    return found or tuple(_tool(name, described, archives))


def _archives(layer: Path, described: Described, label: str) -> tuple[LockedArchive, ...]:
    """Return the archives that the virtual environment was resolved to, or those that its lock file names."""
    resolved = read_record(layer)
    if resolved is not None:
        return tuple(LockedArchive(name=one.name, version=one.version, hashes=one.hashes) for one in resolved)
    sameness = described.install.sameness
    return archives_of(sameness, label) if isinstance(sameness, Locked) else ()


def _of_tool(name: str, layer: Path, described: Described) -> Iterator[LockedArchive]:
    """Yield the archives that the lock of the tool in layer *name* pins, one for each distribution."""
    interpreter = described.interpreter
    lock = next((one.tool.wheels for one in described.tools if one.spec.name == name), None)
    if lock is None:
        return
    for entry in locked_requirements(lock.hashed):
        if not entry.version or not marker_applies(entry.marker, interpreter.version):
            continue
        known = {value: lock.contents[value] for value in entry.pins if value in lock.contents}
        hashes = tuple(value for value in entry.pins if HASH.fullmatch(value))
        if known and len(hashes) > 1:
            from layerwright.build.wheels.recognise import recognised

            sites = [interpreter.site_packages(place) for place in (layer, layer / "venv")]
            found = recognised(entry.name, entry.version, known, sites, interpreter.minor)
            hashes = (found,) if found else hashes
        yield LockedArchive(name=normalised_name(entry.name), version=entry.version, hashes=hashes)


def _tool(name: str, described: Described, archives: Iterable[LockedArchive]) -> Iterator[Component]:
    """Yield what the tool in layer *name* consists of, if it is no installed distribution but a program.

    Only a lock, with these *archives*, says that it is a distribution of an index.
    """
    for one in archives:
        hashes, notes = hashes_of(one)
        yield Component(
            name=one.name,
            version=one.version,
            kind="application",
            purl=pypi_purl(one.name, one.version),
            hashes=hashes,
            notes=notes,
        )
    if not archives:
        # Without a command, the tool is not needed, and its layer is empty.
        programs = (one for one in described.tools if one.spec.name == name and one.tool.install)
        yield from (
            Component(name=one.manager.name, version=one.tool.version, kind="application") for one in programs
        )
