"""What a package manager is to Layerwright: the contract, and the values it exchanges with core.

A package manager computes values and does nothing: core writes the files, runs the commands and prints. So a
build can be explained without being run, and a plugin can be tested with ``==``. Requests and values are frozen
and keyword-only, so that a field can be added without breaking a plugin.
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
    from layerwright.process.command import Command
    from layerwright.project import Project
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
    """A claim: the application is this package manager's, and ``evidence``, a file that exists, shows it.

    A ``fallback`` counts only where no other package manager claims the application.
    """

    evidence: str
    fallback: bool = False


class PythonDependence(Enum):
    """How much of the interpreter a tool layer is made from."""

    NONE = "none"
    MINOR = "minor"
    EXACT = "exact"


@dataclass(frozen=True, kw_only=True)
class ProjectRequest(Generic[S]):
    """What there is to go by before an interpreter is chosen: the application, and the package manager's settings."""

    project: Project
    settings: S


@dataclass(frozen=True, kw_only=True)
class ToolRequest(Generic[S]):
    """What a tool layer is asked for with.

    ``environment`` holds the user's variables, ``layer`` is where the tool goes, ``venv`` where the
    application's virtual environment is going to be.
    """

    project: Project
    settings: S
    environment: Mapping[str, str]
    interpreter: Interpreter
    target: Target
    layer: Path
    venv: Path


@dataclass(frozen=True, kw_only=True)
class ToolLayer:
    """The layer that holds a package manager.

    ``inputs`` is everything that it is made from, as words or digests; core adds the interpreter as far as
    ``depends_on_python`` says, and the target if ``depends_on_target``. ``install`` fills the empty layer. ``env`` is
    its environment by scope; whether there is a launch at all is for configuration to say, so there is no
    field for it. ``stand_ins`` maps a command to the text that it prints at launch in the tool's absence.
    ``launchers`` are the words, such as ``uv run``, that run the command after them in the virtual environment: a
    process that begins with them cannot start where the tool is absent.
    """

    version: str
    inputs: Mapping[str, str]
    install: tuple[Command, ...]
    env: LayerEnv = field(default_factory=LayerEnv)
    depends_on_python: PythonDependence = PythonDependence.EXACT
    depends_on_target: bool = True
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    launchers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tool:
    """An installed package manager: its version, and the layer that holds it."""

    version: str
    layer: Path


@dataclass(frozen=True, kw_only=True)
class EnvironmentRequest(Generic[S]):
    """What the virtual environment's content is asked for with.

    ``venv`` is the virtual environment, made and without pip; ``cache`` the download cache's layer; ``report``
    a file, outside every layer, for a resolution to leave its result in. ``others`` are the tools of the package
    managers that :meth:`PackageManager.also_uses` names.
    """

    project: Project
    settings: S
    environment: Mapping[str, str]
    interpreter: Interpreter
    target: Target
    tool: Tool
    venv: Path
    cache: Path
    report: Path
    exec_env: str = PRODUCTION
    others: Mapping[str, Tool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class EnvironmentInstall:
    """How the virtual environment gets its content, and all that determines it.

    ``inputs``: everything that determines the content, as words or digests, with no secret; core adds the
    interpreter, the tool's version and the target. ``commands`` fill a fresh virtual environment. ``sameness``: how it
    is proved that an environment is what a fresh one would be, and how it is brought to a change. ``first``: commands
    that are run before anything is changed, and whose failure no fresh environment would mend: that the lock file
    fits, for one. ``checks``: commands whose failure is a warning. ``keeps_cache``: whether the downloads are of use
    to a later build.
    """

    inputs: Mapping[str, str]
    commands: tuple[Command, ...]
    sameness: Locked | Resolution | Unprovable
    first: tuple[Command, ...] = ()
    checks: tuple[Command, ...] = ()
    keeps_cache: bool = True


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the commands will install, as far as the application's files say.

    ``names`` are those of distributions, spelt in any way. ``source`` is the file that says so, or several. Where more
    or less may be installed, ``uncertain`` is a sentence that says why; it is empty where the names are all.
    """

    names: frozenset[str]
    source: str
    uncertain: str = ""


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
        """Return the file that shows that the application is this package manager's, ``None`` when nothing does."""

    def also_uses(self, request: ProjectRequest[S]) -> tuple[str, ...]:
        """Return the names of other package managers whose tools its commands run, each from a layer of its own."""
        del request
        return ()

    @abstractmethod
    def tool_layer(self, request: ToolRequest[S]) -> ToolLayer:
        """Return what the package manager's own layer is made from, and how."""

    @abstractmethod
    def environment(self, request: EnvironmentRequest[S]) -> EnvironmentInstall:
        """Return how the application's virtual environment is filled."""

    def expects(self, request: EnvironmentRequest[S]) -> Expected | None:
        """Return what will be installed, read from the application's files alone; ``None`` where they do not tell.

        Only an explanation asks, so that what it reads costs a build nothing.
        """
        del request
        return None

    def python_pin(self, request: ProjectRequest[S]) -> VersionSource | None:
        """Return the Python version that the package manager's own files pin, where they do."""
        del request
        return None

    def python_bounds(self, request: ProjectRequest[S]) -> VersionSource | None:
        """Return the Python versions that the lock file was made for, where it says so.

        Any other is an error before anything is installed.
        """
        del request
        return None
