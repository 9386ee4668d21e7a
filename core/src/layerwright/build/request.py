"""The request of a platform for a build."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from layerwright.cnb.api import PRODUCTION
from layerwright.cnb.layers.layer import SBOM_MEDIA_TYPES
from layerwright.files.frozen import frozen
from layerwright.plugins.entry_points import entry_points

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from layerwright.build.fetch.supply import Supply
    from layerwright.cnb.layers.layer import LayersDirectory
    from layerwright.cnb.target import Target
    from layerwright.config.application import Choice
    from layerwright.config.models import PythonSettings
    from layerwright.config.sources import Given
    from layerwright.files.project import Project
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.pythons.provider import Provider

__all__ = ["BuildRequest"]


@frozen
class BuildRequest:
    """The inputs of a build that depend on the platform.

    ``environment`` holds the user's variables; ``inherited`` are the names of those that the build image or another
    buildpack has set. ``providers`` returns the sources of interpreters, in order, for the settings of the ``python``
    table. ``report`` is a file outside every layer, and so is ``output``, which gets everything that commands print.
    ``given`` are tables that apply where the application and its
    user configure nothing, the strongest first, and ``hooks`` are the platform's own. With ``own_package_managers``
    the application may declare package managers itself. ``choice`` says why the application is a directory in its
    source tree. ``launch_path`` is the ``PATH`` of processes at launch in
    addition to the layers, empty if it is in a run image which the build cannot see. ``from_shell``: the user set the
    variables in the shell that started the build. ``store`` is the directory of the store of layers, if there is one.
    ``owns_source``: the source tree is the platform's copy, in which bytecode may be written. ``bytecode`` is the
    directory for that of a source tree in which no process can write it.
    ``databases`` is the directory for copies and indexes of vulnerability databases, if one lasts.
    ``sbom_formats`` are the formats of the bills of materials to write. ``platform`` is the directory of the platform,
    which may have service bindings. ``supply`` is the bundle that replaces the network. If ``keeps_downloads``, what
    commands download is kept even if a later build cannot use it.
    """

    project: Project
    choice: Choice | None = None
    layers: LayersDirectory
    environment: Mapping[str, str]
    target: Target
    providers: Callable[[PythonSettings], Sequence[Provider]]
    report: Path
    output: Path | None = None
    exec_env: str = PRODUCTION
    inherited: Collection[str] = frozenset()
    given: Sequence[Given] = ()
    hooks: Sequence[tuple[EntryPoint, object]] = ()
    own_package_managers: bool = False
    launch_path: str = ""
    from_shell: bool = False
    store: Path | None = None
    owns_source: bool = False
    bytecode: Path | None = None
    databases: Path | None = None
    sbom_formats: frozenset[str] = frozenset(SBOM_MEDIA_TYPES)
    platform: Path | None = None
    supply: Supply | None = None
    keeps_downloads: bool = False
    entry_points: Sequence[EntryPoint] = field(default_factory=entry_points)
    today: date = field(default_factory=date.today)
