"""pip, as a package manager of Layerwright."""

# typing.override needs Python 3.12, and importing typing_extensions takes too long.
# mypy: disable-error-code="explicit-override"

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from layerwright import PackageManager, ToolSettings, checked, frozen, version_setting
from layerwright_pip.reserved import PIP_RESERVED_ENV
from layerwright_pip.sources import DEFAULT_FILES, claim, entries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from layerwright import (
        Detection,
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

__all__ = ["Pip", "PipSettings"]

_SUPPORTED = version_setting("26.3", oldest="22.3", because="which can serve another environment")


@frozen
class PipSettings(ToolSettings):
    """The table ``[tool.layerwright.pip]``."""

    version: Annotated[str | None, checked(_SUPPORTED)] = field(
        default=None, metadata={"help": "version of pip, at least 22.3"}
    )
    requirements: tuple[str, ...] = field(
        default=DEFAULT_FILES,
        metadata={"help": "requirements files, projects (.) and scripts to install, in this order"},
    )
    extras: tuple[str, ...] = field(default=(), metadata={"help": "extras of the project to install"})
    groups: tuple[str, ...] = field(
        default=(), metadata={"help": "dependency groups of pyproject.toml to install"}
    )
    test_requirements: tuple[str, ...] = field(
        default=(),
        metadata={"help": "additional requirements files for the execution environment test"},
    )
    test_groups: tuple[str, ...] = field(
        default=(), metadata={"help": "additional dependency groups for the execution environment test"}
    )
    installer: Literal["pip", "uv"] = field(default="pip", metadata={"help": "the installer: pip or uv"})


class Pip(PackageManager[PipSettings]):
    """pip, in a layer of its own, installs requirements files or a lock file into the virtual environment."""

    name: ClassVar[str] = "pip"
    display_name: ClassVar[str] = "pip"
    settings_model: ClassVar[type[ToolSettings]] = PipSettings
    reserved_env: ClassVar[frozenset[str]] = PIP_RESERVED_ENV

    def detect(self, request: ProjectRequest[PipSettings]) -> Detection | None:
        """Claim an application that has one of the configured requirements files, or a ``pylock.toml``.

        One that declares its dependencies elsewhere, or has none, is claimed if no other package manager claims it.
        """
        return claim(request)

    def also_uses(self, request: ProjectRequest[PipSettings]) -> tuple[str, ...]:
        """Return uv if it installs the requirements files."""
        return ("uv",) if request.settings.installer == "uv" else ()

    def python_bounds(self, request: ProjectRequest[PipSettings]) -> VersionSource | None:
        """Return the Python versions that the installed lock file or script supports, if it says so."""
        from layerwright_pip.pylock import python_bounds

        return python_bounds(request.project, entries(request.project, request.settings.requirements))

    def index_variables(self, request: IndexRequest[PipSettings]) -> IndexVariables:
        """Return pip's own variables, which are translated if uv is the installer."""
        from layerwright import pip_index_variables

        return pip_index_variables(request)

    def tool_layer(self, request: ToolRequest[PipSettings]) -> ToolLayer:
        """Return a user site-packages install of pip."""
        from layerwright_pip.tool import tool_layer

        return tool_layer(request)

    def environment(self, request: EnvironmentRequest[PipSettings]) -> EnvironmentInstall:
        """Return how to install the requirements files."""
        from layerwright_pip.environment import environment

        return environment(request)

    def index_urls(self, request: EnvironmentRequest[PipSettings]) -> tuple[str | SecretStr, ...]:
        """Return the indexes of pip's settings and of the requirements files."""
        from layerwright_pip.environment import read
        from layerwright_pip.index_urls import index_urls

        return index_urls(request, read(request))

    def release_age_variables(
        self, request: EnvironmentRequest[PipSettings], before: datetime
    ) -> Mapping[str, str]:
        """Return the variable of pip, from 26.0 on, or of uv; one that the user has set stays."""
        name = "UV_EXCLUDE_NEWER" if request.settings.installer == "uv" else "PIP_UPLOADED_PRIOR_TO"
        is_old = request.settings.installer == "pip" and int(request.tool.version.partition(".")[0]) < 26
        if is_old or name in request.environment:
            return {}
        return {name: before.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def expects(self, request: EnvironmentRequest[PipSettings]) -> Expected | None:
        """Return the distributions that the requirements files or the lock file name for this machine."""
        from layerwright_pip.environment import read
        from layerwright_pip.expected import expected

        return expected(request, read(request))

    def offline(self, request: OfflineRequest[PipSettings]) -> Offline:
        """Return how pip installs from the archives of a bundle, or uv from its cache."""
        from layerwright_pip.offline import offline

        return offline(request)
