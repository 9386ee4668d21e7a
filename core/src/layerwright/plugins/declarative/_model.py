"""The model of a declaration: each field is a key, with its type and its default."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # the reader evaluates the annotations
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

__all__ = [
    "PROJECT_FILE",
    "CommandTable",
    "Conditional",
    "Declaration",
    "DetectTable",
    "EnvironmentTable",
    "FallbackTable",
    "FileKey",
    "InputsTable",
    "LockTable",
    "PythonTable",
    "SettingTable",
    "ToolTable",
    "VariableTable",
    "Word",
    "names_in",
    "scripts",
]


PROJECT_FILE: Final = "pyproject.toml"
"""Where the tables are by which an application is claimed."""
_FORMS: Final = {".txt": "requirements", ".json": "json", "Pipfile.lock": "json"}


@dataclass(frozen=True, kw_only=True)
class Conditional:
    """Words that apply if every condition holds; with ``each``, once for each value of a setting."""

    words: tuple[str, ...]
    each: str | None = None
    if_: str | tuple[str, ...] = ()
    unless: str | tuple[str, ...] = ()
    if_exec_env: str | None = None
    unless_exec_env: str | None = None

    @property
    def conditions(self) -> tuple[str, ...]:
        """The settings that it depends on."""
        named = (self.each or (), self.if_, self.unless)
        return tuple(name for some in named for name in names_in(some))


Word = str | Conditional


def names_in(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the names in *value*, one name or an array of them."""
    return (value,) if isinstance(value, str) else value


@dataclass(frozen=True, kw_only=True)
class CommandTable:
    """A command; an array stands for one that has ``run`` alone."""

    short: ClassVar[str] = "run"
    run: tuple[Word, ...]
    remedy: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariableTable:
    """The change of a variable; a string stands for ``override``."""

    short: ClassVar[str] = "override"
    override: str | None = None
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class FileKey:
    """A value in a TOML file of the application: ``key`` is dotted, and a number counts the items of an array."""

    file: str
    key: str


@dataclass(frozen=True, kw_only=True)
class FallbackTable:
    """The evidence for a claim that counts only if no other package manager claims the application."""

    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DetectTable:
    """What shows that an application is this package manager's: one of ``files``, or of the tables of the project file.

    ``refines`` are the package managers before which it goes where both claim an application.
    """

    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    fallback: FallbackTable = FallbackTable()
    refines: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        """The files besides ``files`` for which the package manager has to be asked."""
        tables = self.tables or self.fallback.tables
        return tuple(dict.fromkeys((*self.fallback.files, *((PROJECT_FILE,) if tables else ()))))


@dataclass(frozen=True, kw_only=True)
class ToolTable:
    """The distribution that holds the tool, and what its layer adds to the environment."""

    distribution: str
    version: str | None = None
    lock: str | None = None
    with_: tuple[Word, ...] = ()
    scripts: tuple[str, ...] = ()
    standalone: bool = False
    oldest: str | None = None
    because: str | None = None
    required: FileKey | None = None
    launchers: tuple[str, ...] = ()
    env: Mapping[str, VariableTable] = field(default_factory=dict)
    build_env: Mapping[str, VariableTable] = field(default_factory=dict)
    launch_env: Mapping[str, VariableTable] = field(default_factory=dict)


def scripts(tool: ToolTable) -> tuple[str, ...]:
    """Return the scripts of *tool* that are on ``PATH``: the declared ones, else the one named after it."""
    return tool.scripts or (tool.distribution.partition("[")[0],)


@dataclass(frozen=True, kw_only=True)
class PythonTable:
    """Where the application's files say which Python it is for."""

    pin: FileKey | None = None
    bounds: FileKey | None = None


@dataclass(frozen=True, kw_only=True)
class SettingTable:
    """A setting in the package manager's own table of the configuration."""

    type: Literal["string", "boolean", "array"]
    default: str | bool | tuple[str, ...] | None = None
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class LockTable:
    """The lock file, and how to read its entries."""

    file: str
    written_by: str | None = None
    format: Literal["toml", "requirements", "json"] | None = None
    packages: str | None = None
    pins: tuple[str, ...] = ("hash",)
    path: str = "path"

    @property
    def form(self) -> str | None:
        """The format of its entries, by default the one of its name; ``None`` if only the file as a whole counts."""
        if self.format is not None:
            return self.format
        if self.packages is not None:
            return "toml"
        return next((form for end, form in _FORMS.items() if self.file.endswith(end)), None)


@dataclass(frozen=True, kw_only=True)
class InputsTable:
    """Other inputs of the virtual environment."""

    files: tuple[str, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EnvironmentTable:
    """The commands that fill the virtual environment, and their inputs."""

    commands: tuple[CommandTable, ...]
    first: tuple[CommandTable, ...] = ()
    checks: tuple[CommandTable, ...] = ()
    converges: bool = False
    never_removes: tuple[str, ...] = ()
    keeps_cache: bool = True
    remedy: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    lock: LockTable | None = None
    inputs: InputsTable = InputsTable()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A package manager, as declared."""

    name: str
    display_name: str
    detect: DetectTable
    tool: ToolTable
    environment: EnvironmentTable
    api: Literal[1] = 1
    python: PythonTable = PythonTable()
    settings: Mapping[str, SettingTable] = field(default_factory=dict)
    reserved_env: tuple[str, ...] = ()
