"""Pipenv, as a package manager of Layerwright."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Annotated, ClassVar

from layerwright import Detection, PackageManager, ToolSettings, checked, frozen, version_setting

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

__all__ = ["Pipenv", "PipenvSettings"]

_SUPPORTED = version_setting("2026.10.3", oldest="2022.10.12", because="which has categories")


@frozen
class PipenvSettings(ToolSettings):
    """The table ``[tool.layerwright.pipenv]``."""

    version: Annotated[str | None, checked(_SUPPORTED)] = field(
        default=None, metadata={"help": "version of Pipenv, at least 2022.10.12"}
    )
    categories: tuple[str, ...] = field(
        default=(), metadata={"help": "categories of the Pipfile to install besides packages"}
    )
    test_categories: tuple[str, ...] = field(
        default=(), metadata={"help": "additional categories for the execution environment test"}
    )


class Pipenv(PackageManager[PipenvSettings]):
    """Pipenv, in a layer of its own, installs its lock file into the virtual environment."""

    name: ClassVar[str] = "pipenv"
    display_name: ClassVar[str] = "Pipenv"
    settings_model: ClassVar[type[ToolSettings]] = PipenvSettings
    reserved_env: ClassVar[frozenset[str]] = frozenset({
        # Pipenv reads a variable for each option that it is not given
        "PIPENV_ALL_CATEGORIES", "PIPENV_CONFIG_SETTINGS", "PIPENV_DEFAULT_CATEGORIES", "PIPENV_EXTRA_PIP_ARGS",
        "PIPENV_PYTHON", "PIPENV_SKIP_LOCK", "PIPENV_SYSTEM", "PIPENV_USE_SYSTEM",
        # install something other than what the lock file says
        "PIP_BUILD_CONSTRAINT", "PIP_CONSTRAINT", "PIP_EDITABLE", "PIP_GROUP", "PIP_ONLY_DEPENDENCIES", "PIP_ONLY_DEPS",
        "PIP_REQUIREMENT", "PIP_REQUIREMENTS_FROM_SCRIPT",
        # install elsewhere, for another interpreter, or not at all
        "PIP_ABI", "PIP_DRY_RUN", "PIP_IMPLEMENTATION", "PIP_PLATFORM", "PIP_PREFIX", "PIP_PYTHON",
        "PIP_PYTHON_VERSION", "PIP_REPORT", "PIP_ROOT", "PIP_SOURCE", "PIP_SOURCE_DIR", "PIP_SOURCE_DIRECTORY",
        "PIP_SRC", "PIP_SRC_DIR", "PIP_TARGET", "PIP_USER",
    })  # fmt: skip

    def detect(self, request: ProjectRequest[PipenvSettings]) -> Detection | None:
        """Claim an application that has a ``Pipfile.lock``, or else a Pipfile, if no other package manager claims it.

        The second lacks its lock file, and the error says how to write it.
        """
        if request.project.exists("Pipfile.lock"):
            return Detection(evidence="Pipfile.lock")
        return Detection(evidence="Pipfile", fallback=True) if request.project.exists("Pipfile") else None

    def python_bounds(self, request: ProjectRequest[PipenvSettings]) -> VersionSource | None:
        """Return the Python in ``[requires]`` of the Pipfile, as recorded in the lock file."""
        from layerwright_pipenv.lock_file import python_bounds

        return python_bounds(request.project)

    def index_variables(self, request: IndexRequest[PipenvSettings]) -> IndexVariables:
        """Return the variables of pip, and a mirror of the public index."""
        from layerwright_pipenv.indexes import index_variables

        return index_variables(request)

    def tool_layer(self, request: ToolRequest[PipenvSettings]) -> ToolLayer:
        """Return Pipenv in a virtual environment of its own."""
        from layerwright_pipenv.tool import tool_layer

        return tool_layer(request)

    def environment(self, request: EnvironmentRequest[PipenvSettings]) -> EnvironmentInstall:
        """Return how to install what the lock file says."""
        from layerwright_pipenv.environment import environment

        return environment(request)

    def index_urls(self, request: EnvironmentRequest[PipenvSettings]) -> tuple[str | SecretStr, ...]:
        """Return the indexes of Pipenv's settings."""
        from layerwright_pipenv.index_urls import index_urls

        return index_urls(request)

    def expects(self, request: EnvironmentRequest[PipenvSettings]) -> Expected:
        """Return the distributions for this machine in the installed categories of the lock file."""
        from layerwright_pipenv.environment import expected

        return expected(request)

    def offline(self, request: OfflineRequest[PipenvSettings]) -> Offline:
        """Return nothing more: Pipenv runs pip, which installs from the archives."""
        from layerwright import Offline

        del request
        return Offline()
