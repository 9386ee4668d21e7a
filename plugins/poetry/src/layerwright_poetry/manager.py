"""Poetry, as a package manager of Layerwright."""

# typing.override needs Python 3.12, and importing typing_extensions takes too long.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from layerwright import (
    Detection,
    PackageManager,
    ToolSettings,
    VersionSource,
    checked,
    frozen,
    version_setting,
)
from layerwright_poetry.files import LOCK, PYPROJECT, poetry_table, python_versions, requires_python

if TYPE_CHECKING:
    from layerwright import (
        EnvironmentInstall,
        EnvironmentRequest,
        Expected,
        IndexRequest,
        IndexVariables,
        Offline,
        OfflineRequest,
        ProjectRequest,
        SecretStr,
        ToolLayer,
        ToolRequest,
    )

__all__ = ["OLDEST", "Poetry", "PoetrySettings"]

OLDEST: Final = "2.0"
_SUPPORTED = version_setting("2.5.1", oldest=OLDEST, because="which has the command sync")


@frozen
class PoetrySettings(ToolSettings):
    """The table ``[tool.layerwright.poetry]``."""

    version: Annotated[str | None, checked(_SUPPORTED)] = field(
        default=None, metadata={"help": "version of Poetry, at least 2.0"}
    )
    with_: tuple[str, ...] = field(
        default=(), metadata={"help": "requirements of Poetry plugins to install beside Poetry"}
    )
    groups: tuple[str, ...] = field(
        default=(), metadata={"help": "dependency groups to install besides the main one"}
    )
    test_groups: tuple[str, ...] = field(
        default=(),
        metadata={"help": "additional dependency groups for the execution environment test"},
    )
    extras: tuple[str, ...] = field(default=(), metadata={"help": "extras of the application to install"})
    root: bool | None = field(
        default=None,
        metadata={"help": "whether to install the application itself (default: if it has a package)"},
    )


class Poetry(PackageManager[PoetrySettings]):
    """Poetry, in a layer of its own, installs its lock file into the virtual environment."""

    name: ClassVar[str] = "poetry"
    display_name: ClassVar[str] = "Poetry"
    settings_model: ClassVar[type[ToolSettings]] = PoetrySettings
    reserved_env: ClassVar[frozenset[str]] = frozenset({"POETRY_INSTALLER_RE_RESOLVE"})

    def detect(self, request: ProjectRequest[PoetrySettings]) -> Detection | None:
        """Claim an application that has a ``poetry.lock``.

        One that has only ``[tool.poetry]``, and that nothing else claims, lacks its lock file: the error says so.
        """
        if request.project.exists(LOCK):
            return Detection(evidence=LOCK)
        return Detection(evidence=PYPROJECT, fallback=True) if poetry_table(request.project) else None

    def python_bounds(self, request: ProjectRequest[PoetrySettings]) -> VersionSource | None:
        """Return the Python versions that the lock file supports, unless only Poetry can interpret them."""
        from layerwright_poetry.constraint import python_specifier

        value = python_versions(request.project)
        found = python_specifier(value)
        if found == "" and requires_python(request.project) == value:
            # Core cannot interpret an asterisk.
            found = ">=3"
        return (
            VersionSource(origin=f"python-versions in {LOCK}", value=value, specifier=found)
            if found
            else None
        )

    def index_variables(self, request: IndexRequest[PoetrySettings]) -> IndexVariables:
        """Return the variables with the credentials of the sources that the lock file names."""
        from layerwright_poetry.indexes import index_variables

        return index_variables(request)

    def tool_layer(self, request: ToolRequest[PoetrySettings]) -> ToolLayer:
        """Return Poetry in a virtual environment of its own."""
        from layerwright_poetry.tool import tool_layer

        return tool_layer(request)

    def environment(self, request: EnvironmentRequest[PoetrySettings]) -> EnvironmentInstall:
        """Return how to install what the lock file says."""
        from layerwright_poetry.environment import environment

        return environment(request)

    def index_urls(self, request: EnvironmentRequest[PoetrySettings]) -> tuple[str | SecretStr, ...]:
        """Return the indexes of Poetry's settings."""
        from layerwright_poetry.index_urls import index_urls

        return index_urls(request)

    def expects(self, request: EnvironmentRequest[PoetrySettings]) -> Expected | None:
        """Return the distributions of the lock file that the configuration chooses for this machine."""
        from layerwright_poetry.environment import chosen_groups
        from layerwright_poetry.expected import expected

        return expected(request, chosen_groups(request))

    def offline(self, request: OfflineRequest[PoetrySettings]) -> Offline:
        """Return the variable with which the script that runs Poetry asks only the index of the bundle."""
        from layerwright import Offline

        return Offline(env={"LAYERWRIGHT_POETRY_INDEX": request.index})
