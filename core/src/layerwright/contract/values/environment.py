"""The values of the virtual environment."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Generic

from layerwright.cnb.api import PRODUCTION
from layerwright.contract.values.settings import S
from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from layerwright.cnb.target import Target
    from layerwright.contract.sameness import Locked, Resolution, Unprovable
    from layerwright.contract.values.tool import Tool
    from layerwright.files.project import Project
    from layerwright.process.command import Command
    from layerwright.pythons.interpreter import Interpreter

__all__ = ["EnvironmentInstall", "EnvironmentRequest", "Expected", "SharedCache"]


@frozen
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


@frozen
class SharedCache:
    """What stays of a download cache that all builds of a user share: everything else is removed after each build.

    The patterns are those of :meth:`pathlib.Path.glob`, relative to the cache.
    """

    name: str
    """The name of the cache. Builds with the same name share one."""

    entries: str
    """Directories whose files may be hard links to those of environments. One that was changed is removed, so the
    package manager must download it again."""

    links: tuple[str, ...]
    """Directories with symbolic links to the entries. An entry without one is removed."""

    outdated: str
    """A regular expression that matches the output of a command which fails because of what is in the cache: an archive
    was replaced by another one with the same name. The command then runs again, without the cache."""

    def __post_init__(self) -> None:
        """Raise ``ValueError`` if a path may lead out of the cache."""
        for value in (self.name, self.entries, *self.links):
            if value.startswith("/") or {"", ".", ".."} & set(value.split("/")):
                raise ValueError(f"{value!r} is not the path of something in a cache")


@frozen
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

    shares: SharedCache | None = None
    """What builds of the same user share of the downloads, if the platform has a place that lasts. The commands must
    check the hash of whatever they take from there."""

    warnings: tuple[str, ...] = ()
    """Sentences for the user about what the application's files say: that nothing is locked, for example."""


@frozen
class Expected:
    """The distributions that the commands will install, according to the application's files."""

    names: frozenset[str]
    """Their names, in any spelling."""

    source: str
    """The file, or the files, that say so."""

    uncertain: str = ""
    """If more or fewer may be installed, a sentence that says why; otherwise empty."""
