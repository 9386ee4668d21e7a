"""The model of a declaration: each field is a key, with its type and its default."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # the reader evaluates the annotations
from dataclasses import field
from typing import TYPE_CHECKING, Final, Literal

from layerwright.files.frozen import frozen

if TYPE_CHECKING:
    from layerwright.process.failures.diagnosis import Diagnosis

__all__ = [
    "PROJECT_FILE",
    "Declaration",
    "DetectTable",
    "DiagnosisTable",
    "EnvironmentTable",
    "FallbackTable",
    "IndexesTable",
    "InputsTable",
    "LockTable",
    "SettingTable",
    "ToolTable",
    "index_names",
    "scripts",
]


PROJECT_FILE: Final = "pyproject.toml"
"""The file whose tables can claim an application."""
_FORMS: Final = {".txt": "requirements", ".json": "json", "Pipfile.lock": "json"}


@frozen
class FallbackTable:
    """The evidence for a claim that counts only if no other package manager claims the application."""

    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@frozen
class DetectTable:
    """The evidence for a claim: one of ``files``, or one of ``tables`` in the project file.

    ``refines`` names the package managers over which it takes precedence if both claim an application.
    """

    files: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    fallback: FallbackTable = FallbackTable()
    refines: tuple[str, ...] = ()

    @property
    def evidence(self) -> tuple[str, ...]:
        """The other files for which the package manager must be asked."""
        tables = self.tables or self.fallback.tables
        return tuple(dict.fromkeys((*self.fallback.files, *((PROJECT_FILE,) if tables else ()))))


@frozen
class ToolTable:
    """The distribution that holds the tool, and what its layer adds to the environment."""

    distribution: str
    version: str | None = None
    lock: str | None = None
    scripts: tuple[str, ...] = ()
    oldest: str | None = None
    because: str | None = None
    launchers: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


def scripts(tool: ToolTable) -> tuple[str, ...]:
    """Return the scripts of *tool* that are on ``PATH``: the declared ones, else the one named after it."""
    return tool.scripts or (tool.distribution.partition("[")[0],)


@frozen
class SettingTable:
    """A setting in the package manager's own table of the configuration, and the option that it becomes.

    ``option`` is added for each value of the setting, or if it is true; ``otherwise`` if no setting with the same
    ``otherwise`` has a value. A setting with ``exec_env`` has no value in another execution environment.
    """

    type: Literal["string", "boolean", "array"]
    default: str | bool | tuple[str, ...] | None = None
    help: str = ""
    option: str | None = None
    otherwise: str | None = None
    exec_env: str | None = None


@frozen
class LockTable:
    """The lock file, and how to read its entries."""

    file: str
    written_by: str | None = None
    format: Literal["toml", "requirements", "json"] | None = None
    packages: str | None = None
    pins: tuple[str, ...] = ("hash",)

    @property
    def form(self) -> str | None:
        """The format of its entries, by default the one of its name; ``None`` if only the file as a whole counts."""
        if self.format is not None:
            return self.format
        if self.packages is not None:
            return "toml"
        return next((form for end, form in _FORMS.items() if self.file.endswith(end)), None)


@frozen
class InputsTable:
    """Other inputs of the virtual environment."""

    files: tuple[str, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()


@frozen
class DiagnosisTable:
    """The fields of a ``Diagnosis``, which only a failure imports."""

    pattern: str
    summary: str
    cause: str = ""
    remedy: tuple[str, ...] = ()
    reference: str
    transient: bool = False
    more: Mapping[str, str] = field(default_factory=dict)

    def diagnosis(self) -> Diagnosis:
        """Return it as a diagnosis."""
        from layerwright.process.failures.diagnosis import Diagnosis

        return Diagnosis(**vars(self))


@frozen
class EnvironmentTable:
    """The commands that fill the virtual environment, and their inputs."""

    commands: tuple[tuple[str, ...], ...]
    first: tuple[tuple[str, ...], ...] = ()
    converges: bool = False
    never_removes: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    lock: LockTable | None = None
    inputs: InputsTable = InputsTable()
    diagnoses: tuple[DiagnosisTable, ...] = ()


@frozen
class IndexesTable:
    """The variables that tell the tool of package indexes: the default one, all others together, certificates.

    ``declared`` is an array of tables of the project file in which the application names indexes, ``default_name`` the
    name of the default one in it.
    """

    url: str | None = None
    username: str | None = None
    password: str | None = None
    extra: str | None = None
    certificates: str | None = None
    declared: str | None = None
    default_name: str | None = None
    netrc: bool = False


@frozen
class Declaration:
    """A package manager, as declared."""

    name: str
    display_name: str
    detect: DetectTable
    tool: ToolTable
    environment: EnvironmentTable
    settings: Mapping[str, SettingTable] = field(default_factory=dict)
    reserved_env: tuple[str, ...] = ()
    indexes: IndexesTable | None = None


def index_names(declaration: Declaration) -> dict[str, str]:
    """Return the names of the variables for package indexes that are declared, by their keys."""
    said = vars(declaration.indexes or IndexesTable())
    keys = ("url", "username", "password", "extra", "certificates")
    return {key: said[key] for key in keys if said[key] is not None}
