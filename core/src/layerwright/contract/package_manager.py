"""The contract of a package manager.

A package manager computes values and does nothing: core writes the files, runs the commands and prints. So a build
can be explained without being run, and a plugin can be tested with ``==``. Requests and values are frozen and
keyword-only, so that a field can be added without breaking a plugin.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic

from layerwright.config.reading import ToolSettings
from layerwright.contract.values.settings import S

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from layerwright.contract.sources.index import IndexRequest, IndexVariables
    from layerwright.contract.values.environment import EnvironmentInstall, EnvironmentRequest, Expected
    from layerwright.contract.values.offline import Offline, OfflineRequest
    from layerwright.contract.values.project import Detection, ProjectRequest
    from layerwright.contract.values.tool import ToolLayer, ToolRequest
    from layerwright.process.redaction import SecretStr
    from layerwright.pythons.interpreter import VersionSource

__all__ = ["PackageManager"]


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

    def index_variables(self, request: IndexRequest[S]) -> IndexVariables | None:
        """Return the variables that tell the tool of the indexes which the platform or the user has given.

        ``None``: it cannot take any, and then each of them is an error of the build.
        """
        del request
        return None

    @abstractmethod
    def tool_layer(self, request: ToolRequest[S]) -> ToolLayer | None:
        """Return the layer of the package manager's own tool; ``None`` if it has none."""

    @abstractmethod
    def environment(self, request: EnvironmentRequest[S]) -> EnvironmentInstall:
        """Return how to fill the application's virtual environment."""

    def index_urls(self, request: EnvironmentRequest[S]) -> tuple[str | SecretStr, ...]:
        """Return the URLs of the package indexes that its commands ask, a ``SecretStr`` each that has credentials.

        An empty string is the tool's default index. Only a policy about what an index says, and a bundle, need them.
        """
        del request
        return ("",)

    def release_age_variables(self, request: EnvironmentRequest[S], before: datetime) -> Mapping[str, str]:
        """Return the variables that keep its commands from choosing releases that were uploaded after *before*.

        Only a build that chooses versions, under a policy, calls this. They are no input: *before* is always another.
        Core checks what was chosen, so an empty mapping is right for a tool without such an option.
        """
        del request, before
        return {}

    def expects(self, request: EnvironmentRequest[S]) -> Expected | None:
        """Return what will be installed, read only from the application's files; ``None`` if they do not say.

        Only an explanation and a build with a policy call this, so its reads cost other builds nothing.
        """
        del request
        return None

    def offline(self, request: OfflineRequest[S]) -> Offline:
        """Return how the commands of ``environment`` install without a network, from a bundle.

        By default, they find their downloads in the cache, and pip installs from the archives.
        """
        from layerwright.contract.values.offline import Offline

        del request
        return Offline(cache=True)

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
