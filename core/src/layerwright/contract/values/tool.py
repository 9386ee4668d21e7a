"""The values of a tool layer."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import TYPE_CHECKING, Generic

from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.values.settings import S
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.cnb.target import Target
    from layerwright.contract.wheels import LockedWheels
    from layerwright.files.project import Project
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["PythonDependence", "Tool", "ToolLayer", "ToolRequest"]


class PythonDependence(Enum):
    """How a tool layer depends on the interpreter."""

    NONE = "none"
    MINOR = "minor"
    EXACT = "exact"


@frozen
class ToolRequest(Generic[S]):
    """Arguments of :meth:`PackageManager.tool_layer`."""

    project: Project
    """The application."""

    settings: S
    """The settings of the package manager, checked."""

    environment: Mapping[str, str]
    """The user's variables, without reserved ones."""

    interpreter: Interpreter
    """The interpreter in its layer."""

    target: Target
    """The operating system and the architecture that the layers are for."""

    layer: Path
    """The directory of the tool layer."""

    venv: Path
    """The application's future virtual environment."""


@frozen
class ToolLayer:
    """The layer that holds a package manager.

    Only configuration decides whether it is available at launch, so there is no field for that.
    """

    version: str
    """The version of the package manager."""

    inputs: Mapping[str, str]
    """All inputs that core cannot see in the commands, as words or digests without secrets."""

    install: tuple[Command, ...]
    """The commands that fill the empty layer."""

    wheels: LockedWheels | None = None
    """What the commands install, if all of it is locked: core unpacks the wheels itself where it has them."""

    compiled: str = ""
    """The modules that the tool imports in a build, a line for each, as paths in site-packages: ``acme/main.py``. A
    layer that only builds get has bytecode for no others. Empty: all have bytecode."""

    env: LayerEnv = field(default_factory=LayerEnv)
    """The environment of the layer, by scope."""

    depends_on_python: PythonDependence = PythonDependence.EXACT
    """How the interpreter is an input."""

    depends_on_target: bool = True
    """Whether the target is an input."""

    stand_ins: Mapping[str, str] = field(default_factory=dict)
    """By the name of a command, the text that it prints at launch if the tool is missing."""

    launchers: tuple[str, ...] = ()
    """Words, such as ``uv run``, that run the command after them in the virtual environment: a process that begins with
    them cannot start without the tool."""


@frozen
class Tool:
    """An installed package manager."""

    version: str
    """The version of its layer."""

    layer: Path
    """The directory of its layer; its scripts are in ``bin``."""
