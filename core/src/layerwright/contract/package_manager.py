"""The contract of a package manager, and the values that it exchanges with core.

A package manager computes values and does nothing: core writes the files, runs the commands and prints. So a build
can be explained without being run, and a plugin can be tested with ``==``. Requests and values are frozen and
keyword-only, so that a field can be added without breaking a plugin.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from layerwright.cnb.context import PRODUCTION
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.config.reading import ToolSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.cnb.target import Target
    from layerwright.contract.sameness import Locked, Resolution, Unprovable
    from layerwright.contract.wheels import LockedWheels
    from layerwright.files.project import Project
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter, VersionSource

if TYPE_CHECKING:
    # With a default (PEP 696), a package manager without settings of its own needs no brackets. TypeVar takes one from
    # Python 3.13 on, and importing typing_extensions takes too long.
    from typing_extensions import TypeVar

    S = TypeVar("S", bound=ToolSettings, default=Any)
else:
    from typing import TypeVar

    S = TypeVar("S")

__all__ = [
    "Detection",
    "EnvironmentInstall",
    "EnvironmentRequest",
    "Expected",
    "PackageManager",
    "ProjectRequest",
    "PythonDependence",
    "Tool",
    "ToolLayer",
    "ToolRequest",
]


@dataclass(frozen=True, kw_only=True)
class Detection:
    """A claim: the application is this package manager's."""

    evidence: str
    """The existing file that shows it, relative to the application directory."""

    fallback: bool = False
    """Whether it counts only if no other package manager claims the application."""


class PythonDependence(Enum):
    """How a tool layer depends on the interpreter."""

    NONE = "none"
    MINOR = "minor"
    EXACT = "exact"


@dataclass(frozen=True, kw_only=True)
class ProjectRequest(Generic[S]):
    """The facts before an interpreter is chosen."""

    project: Project
    """The application."""

    settings: S
    """The settings of the package manager, checked."""


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
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


@dataclass(frozen=True, kw_only=True)
class Tool:
    """An installed package manager."""

    version: str
    """The version of its layer."""

    layer: Path
    """The directory of its layer; its scripts are in ``bin``."""


@dataclass(frozen=True, kw_only=True)
class EnvironmentRequest(Generic[S]):
    """Arguments of :meth:`PackageManager.environment`."""

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

    own_tool: Tool | None
    """The package manager in its layer; ``None`` if ``tool_layer`` returned that."""

    venv: Path
    """The virtual environment, created without pip."""

    cache: Path
    """The directory of the download cache's layer."""

    report: Path
    """A file, outside every layer, to which a resolution writes its result."""

    exec_env: str = PRODUCTION
    """The execution environment, such as ``production`` or ``test``."""

    others: Mapping[str, Tool] = field(default_factory=dict)
    """The tools of the package managers that :meth:`PackageManager.also_uses` names, by name."""

    @property
    def tool(self) -> Tool:
        """The package manager's own tool; ``LookupError`` if ``tool_layer`` returned ``None``."""
        if self.own_tool is None:
            raise LookupError("there is no tool layer: tool_layer returned None")
        return self.own_tool


@dataclass(frozen=True, kw_only=True)
class EnvironmentInstall:
    """How to fill the virtual environment, and all its inputs."""

    inputs: Mapping[str, str]
    """What determines the content and core cannot see, as words or digests without secrets. Core adds the commands, the
    execution environment, the interpreter, the tool's version and the target."""

    commands: tuple[Command, ...]
    """The commands that fill a fresh virtual environment."""

    sameness: Locked | Resolution | Unprovable
    """How to prove that an environment equals a fresh one, and how to update it."""

    first: tuple[Command, ...] = ()
    """Commands that run before any change, and whose failure a fresh environment would not fix: for example, whether
    the lock file matches."""

    checks: tuple[Command, ...] = ()
    """Commands that run at the end, and whose failure is a warning."""

    keeps_cache: bool = True
    """Whether a later build can use the downloads."""

    warnings: tuple[str, ...] = ()
    """Sentences for the user about what the application's files say: that nothing is locked, for example."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The distributions that the commands will install, according to the application's files."""

    names: frozenset[str]
    """Their names, in any spelling."""

    source: str
    """The file, or the files, that say so."""

    uncertain: str = ""
    """If more or fewer may be installed, a sentence that says why; otherwise empty."""


class PackageManager(ABC, Generic[S]):
    """A package manager, as a plugin provides it.

    ``PackageManager[AcmeSettings]`` has requests whose ``settings`` are of that type, which is then its
    ``settings_model`` as well.
    """

    name: ClassVar[str]
    """Its settings table and its layer: ``uv`` has ``[tool.layerwright.uv]`` and ``tool-uv``."""

    display_name: ClassVar[str]
    """Its name in prose."""

    settings_model: ClassVar[type[ToolSettings]] = ToolSettings
    """The model of its settings table."""

    reserved_env: ClassVar[frozenset[str]] = frozenset()
    """Variables that a user must not set, because they would change the result."""

    @abstractmethod
    def detect(self, request: ProjectRequest[S]) -> Detection | None:
        """Return the file that shows that the application is this package manager's; ``None`` if there is none."""

    def also_uses(self, request: ProjectRequest[S]) -> tuple[str, ...]:
        """Return the names of other package managers whose tools its commands run, each from its own layer."""
        del request
        return ()

    @abstractmethod
    def tool_layer(self, request: ToolRequest[S]) -> ToolLayer | None:
        """Return the layer of the package manager's own tool; ``None`` if it has none."""

    @abstractmethod
    def environment(self, request: EnvironmentRequest[S]) -> EnvironmentInstall:
        """Return how to fill the application's virtual environment."""

    def expects(self, request: EnvironmentRequest[S]) -> Expected | None:
        """Return what will be installed, read only from the application's files; ``None`` if they do not say.

        Only an explanation calls this, so its reads cost a build nothing.
        """
        del request
        return None

    def python_pin(self, request: ProjectRequest[S]) -> VersionSource | None:
        """Return the Python version that the package manager's own files pin, if any."""
        del request
        return None

    def python_bounds(self, request: ProjectRequest[S]) -> VersionSource | None:
        """Return the Python versions that the lock file supports, if it says so.

        Any other version is an error before anything is installed.
        """
        del request
        return None
