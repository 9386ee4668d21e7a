"""The hooks that a plugin can implement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.launch import Process
    from layerwright.contract.package_manager import PackageManager
    from layerwright.process.command import Command
    from layerwright.project import Project
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["Hooks", "LaunchContext", "PostInstallContext", "ProposedProcess", "hookimpl"]

hookspec = pluggy.HookspecMarker("layerwright")
hookimpl = pluggy.HookimplMarker("layerwright")
"""Marks a function of a plugin as the implementation of the hook of the same name."""


@dataclass(frozen=True, kw_only=True)
class LaunchContext:
    """The facts for proposing processes: the application, and the names of its installed distributions.

    ``settings`` are those of the plugin's own table, as its ``layerwright_settings`` models it.
    """

    project: Project
    interpreter: Interpreter
    venv: Path
    distributions: frozenset[str]
    settings: Any = None


@dataclass(frozen=True, kw_only=True)
class PostInstallContext:
    """The facts after the virtual environment is complete; ``settings`` as in :class:`LaunchContext`."""

    project: Project
    interpreter: Interpreter
    venv: Path
    distributions: frozenset[str]
    environment: Mapping[str, str]
    settings: Any = None


@dataclass(frozen=True, kw_only=True)
class ProposedProcess:
    """A process that a plugin proposes, and the reason, as words after "because".

    ``ValueError``: the reason is empty.
    """

    process: Process
    because: str

    def __post_init__(self) -> None:
        if not self.because.strip():
            raise ValueError(f"the proposed process {self.process.type} has no reason")


class Hooks(Protocol):
    """Every hook, for type-checking a plugin's module."""

    @hookspec
    def layerwright_package_managers(self) -> Iterable[PackageManager]:
        """Return the package managers that this plugin provides; called once, before anything is chosen."""
        ...

    @hookspec
    def layerwright_settings(self) -> type | None:
        """Return the frozen dataclass that models the plugin's own table, which is named like its entry point.

        Its fields are keys like those of ``ToolSettings``, each with a default. A package manager's table is modelled
        by its ``settings_model`` instead.
        """
        ...

    @hookspec
    def layerwright_processes(self, context: LaunchContext) -> Iterable[ProposedProcess]:
        """Propose process types for the built application, each with a reason; configuration and Procfile win."""
        ...

    @hookspec
    def layerwright_post_install(self, context: PostInstallContext) -> Iterable[Command]:
        """Return commands to run in the application directory after the virtual environment is complete.

        They run in every build, even if the environment was kept: on most platforms the application directory is new
        each time.
        """
        ...
