"""The hooks that a plugin can implement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.launch import Process
    from layerwright.command import Command
    from layerwright.interpreter import Interpreter
    from layerwright.package_manager import PackageManager
    from layerwright.project import Project

__all__ = ["Hooks", "LaunchContext", "PostInstallContext", "hookimpl"]

hookspec = pluggy.HookspecMarker("layerwright")
hookimpl = pluggy.HookimplMarker("layerwright")
"""Marks a function of a plugin as the implementation of the hook of the same name."""


@dataclass(frozen=True, kw_only=True)
class LaunchContext:
    """What is known when processes are proposed: the application, and the names of what is installed for it."""

    project: Project
    interpreter: Interpreter
    venv: Path
    distributions: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PostInstallContext:
    """What is known once the virtual environment is complete."""

    project: Project
    interpreter: Interpreter
    venv: Path
    distributions: frozenset[str]
    environment: Mapping[str, str]


class Hooks(Protocol):
    """Every hook, as a plugin's module can be type-checked against."""

    @hookspec
    def layerwright_package_managers(self) -> Iterable[PackageManager]:
        """Return the package managers that this plugin provides; called once, before anything is chosen."""
        ...

    @hookspec
    def layerwright_processes(self, context: LaunchContext) -> Iterable[Process]:
        """Propose process types for the built application; configuration and Procfile win."""
        ...

    @hookspec
    def layerwright_post_install(self, context: PostInstallContext) -> Iterable[Command]:
        """Return commands to run, in the application directory, once the virtual environment is complete."""
        ...
