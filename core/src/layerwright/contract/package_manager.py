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
    """A claim: the application is this package manager's, as shown by ``evidence``, an existing file.

    A ``fallback`` counts only if no other package manager claims the application.
    """

    evidence: str
    fallback: bool = False


class PythonDependence(Enum):
    """How a tool layer depends on the interpreter."""

    NONE = "none"
    MINOR = "minor"
    EXACT = "exact"


@dataclass(frozen=True, kw_only=True)
class ProjectRequest(Generic[S]):
    """The facts before an interpreter is chosen: the application, and the package manager's settings."""

    project: Project
    settings: S


@dataclass(frozen=True, kw_only=True)
class ToolRequest(Generic[S]):
    """Arguments of :meth:`PackageManager.tool_layer`.

    ``environment`` holds the user's variables, ``layer`` is the path of the tool, ``venv`` the path of the
    application's future virtual environment.
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

    ``inputs`` are all its inputs, as words or digests; core adds the interpreter as ``depends_on_python`` says, and
    the target if ``depends_on_target``. ``install`` fills the empty layer. ``env`` is its environment by scope; only
    configuration decides whether it is available at launch, so there is no field for that. ``stand_ins`` maps a
    command to the text that it prints at launch if the tool is missing. ``launchers`` are the words, such as ``uv
    run``, that run the command after them in the virtual environment: a process that begins with them cannot start
    without the tool.
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
    """Arguments of :meth:`PackageManager.environment`.

    ``venv`` is the virtual environment, created without pip; ``cache`` the download cache's layer; ``report`` a file,
    outside every layer, to which a resolution writes its result. ``others`` are the tools of the package managers
    that :meth:`PackageManager.also_uses` names.
    """

    project: Project
    settings: S
    environment: Mapping[str, str]
    interpreter: Interpreter
    target: Target
    own_tool: Tool | None
    venv: Path
    cache: Path
    report: Path
    exec_env: str = PRODUCTION
    others: Mapping[str, Tool] = field(default_factory=dict)

    @property
    def tool(self) -> Tool:
        """The package manager's own tool; ``LookupError`` if ``tool_layer`` returned ``None``."""
        if self.own_tool is None:
            raise LookupError("there is no tool layer: tool_layer returned None")
        return self.own_tool


@dataclass(frozen=True, kw_only=True)
class EnvironmentInstall:
    """How the virtual environment gets its content, and all inputs of it.

    ``inputs``: everything that determines the content, as words or digests without secrets; core adds the
    interpreter, the tool's version and the target. ``commands`` fill a fresh virtual environment. ``sameness``: how
    to prove that an environment equals a fresh one, and how to update it. ``first``: commands that run before any
    change, and whose failure a fresh environment would not fix: for example, whether the lock file matches.
    ``checks``: commands whose failure is a warning. ``keeps_cache``: whether a later build can use the downloads.
    ``warnings`` are for the user, about what the application's files say: that nothing is locked, for example.
    """

    inputs: Mapping[str, str]
    commands: tuple[Command, ...]
    sameness: Locked | Resolution | Unprovable
    first: tuple[Command, ...] = ()
    checks: tuple[Command, ...] = ()
    keeps_cache: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Expected:
    """The distributions that the commands will install, according to the application's files.

    ``names`` are their names, in any spelling. ``source`` is the file, or the files, that say so. If more or fewer
    may be installed, ``uncertain`` is a sentence that says why; it is empty if the names are complete.
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
