"""What a platform asks a build for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from layerwright.cnb.context import PRODUCTION
from layerwright.plugins.entry_points import entry_points

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

    from layerwright.cnb.layers.layer import LayersDirectory
    from layerwright.cnb.target import Target
    from layerwright.config.models import PythonSettings
    from layerwright.config.sources import Given
    from layerwright.plugins.entry_points import EntryPoint
    from layerwright.project import Project
    from layerwright.pythons.provider import Provider

__all__ = ["BuildRequest"]


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """What a build is given by whichever platform runs it.

    ``environment`` holds the user's variables; ``inherited`` are the names of those that are not the user's at all, but
    of the build image or another buildpack. ``providers`` returns the sources of interpreters, in order, for the
    settings of the ``python`` table. ``report`` is a file outside every layer. ``given`` are tables that count where
    the application and its user configure nothing, the strongest first, and ``hooks`` are the platform's own. With
    ``own_package_managers`` the application may declare some itself. ``launch_path`` is the ``PATH`` that processes
    have at launch besides the layers, empty where that is in a run image which the build cannot see.
    """

    project: Project
    layers: LayersDirectory
    environment: Mapping[str, str]
    target: Target
    providers: Callable[[PythonSettings], Sequence[Provider]]
    report: Path
    exec_env: str = PRODUCTION
    inherited: Collection[str] = frozenset()
    given: Sequence[Given] = ()
    hooks: Sequence[tuple[EntryPoint, object]] = ()
    own_package_managers: bool = False
    launch_path: str = ""
    entry_points: Sequence[EntryPoint] = field(default_factory=entry_points)
    today: date = field(default_factory=date.today)
