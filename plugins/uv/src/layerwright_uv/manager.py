"""uv, as a package manager of Layerwright."""

# typing.override needs Python 3.12, and importing typing_extensions takes too long.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from layerwright import Detection, PackageManager, ToolSettings, checked, frozen, version_setting
from layerwright_uv.configuration import UV_RESERVED_ENV

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
        VersionSource,
    )

__all__ = ["OLDEST", "Uv", "UvSettings"]

OLDEST: Final = "0.6.0"
_SUPPORTED = version_setting("0.13.9", oldest=OLDEST, because="which has sync --no-default-groups")


@frozen
class UvSettings(ToolSettings):
    """The table ``[tool.layerwright.uv]``."""

    version: Annotated[str | None, checked(_SUPPORTED)] = field(
        default=None, metadata={"help": "version of uv, at least 0.6.0"}
    )
    groups: tuple[str, ...] = field(
        default=(), metadata={"help": "dependency groups to install; uv's default groups are not installed"}
    )
    extras: tuple[str, ...] = field(
        default=(), metadata={"help": "extras of the application (or of `package`) to install"}
    )
    package: str | None = field(
        default=None, metadata={"help": "the member of the workspace to install, with its dependencies"}
    )
    editable: bool = field(
        default=True, metadata={"help": "whether the application is installed as editable"}
    )
    frozen: bool = field(
        default=False,
        metadata={"help": "whether to install the lock file without checking that it matches the project"},
    )
    test_groups: tuple[str, ...] = field(
        default=(),
        metadata={"help": "additional dependency groups for the execution environment test"},
    )


class Uv(PackageManager[UvSettings]):
    """uv, in a layer of its own, installs a lock file into the virtual environment."""

    name: ClassVar[str] = "uv"
    display_name: ClassVar[str] = "uv"
    settings_model: ClassVar[type[ToolSettings]] = UvSettings
    reserved_env: ClassVar[frozenset[str]] = UV_RESERVED_ENV

    def detect(self, request: ProjectRequest[UvSettings]) -> Detection | None:
        """Claim an application with a lock file of uv, its own or that of its workspace.

        A ``pylock.toml`` may belong to another package manager. An application that has only ``[tool.uv]``, and that
        nothing else claims, lacks its lock file: the error says so.
        """
        from layerwright_uv.local_source import table
        from layerwright_uv.lock_file import lock_of

        lock = lock_of(request.project)
        if lock is not None:
            return Detection(evidence=lock.file)
        if "uv" not in table(request.project.toml("pyproject.toml"), "tool"):
            return None
        return Detection(evidence="pyproject.toml", fallback=True)

    def python_bounds(self, request: ProjectRequest[UvSettings]) -> VersionSource | None:
        """Return the Python versions that the lock file supports."""
        from layerwright_uv.lock_file import python_bounds

        return python_bounds(request.project)

    def index_variables(self, request: IndexRequest[UvSettings]) -> IndexVariables:
        """Return the variables with the indexes and their credentials, by the names that the application has."""
        from layerwright_uv.indexes import index_variables

        return index_variables(request)

    def tool_layer(self, request: ToolRequest[UvSettings]) -> ToolLayer:
        """Return uv's own executables, which need no interpreter."""
        from layerwright_uv.tool import tool_layer

        return tool_layer(request)

    def environment(self, request: EnvironmentRequest[UvSettings]) -> EnvironmentInstall:
        """Return how to install what the lock file says."""
        from layerwright_uv.environment import environment

        return environment(request)

    def index_urls(self, request: EnvironmentRequest[UvSettings]) -> tuple[str | SecretStr, ...]:
        """Return the indexes of uv's settings."""
        from layerwright_uv.index_urls import index_urls

        return index_urls(request)

    def expects(self, request: EnvironmentRequest[UvSettings]) -> Expected | None:
        """Return the distributions of the lock file that the configuration chooses for this machine."""
        from layerwright_uv.expected import expected

        return expected(request)

    def offline(self, request: OfflineRequest[UvSettings]) -> Offline:
        """Return the variable with which uv installs from its cache alone, where it finds even what it has built."""
        from layerwright import Offline

        del request
        return Offline(env={"UV_OFFLINE": "1"}, archives=False, cache=True)
