"""The requests and the context that core gives to plugins, with a default for everything that a test does not set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.layers import names
from layerwright.cnb.api import PRODUCTION
from layerwright.cnb.target import Target
from layerwright.config.models import ToolSettings
from layerwright.contract.hooks import HookContext
from layerwright.contract.names import normalised_name
from layerwright.contract.sources.index import Index, IndexRequest
from layerwright.contract.values.environment import EnvironmentRequest
from layerwright.contract.values.offline import OfflineRequest
from layerwright.contract.values.project import ProjectRequest
from layerwright.contract.values.tool import Tool, ToolRequest
from layerwright.files.project import Project
from layerwright.pythons.interpreter import Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from layerwright.testing.applications import Application

__all__ = [
    "BUNDLE",
    "ENVIRONMENT",
    "LAYERS",
    "REPORT",
    "environment_request",
    "hook_context",
    "index_request",
    "offline_request",
    "project_request",
    "tool_request",
]

LAYERS: Final = Path("/layers")
BUNDLE: Final = Path("/bundle")
REPORT: Final = Path("/private/report.json")
ENVIRONMENT: Final = {"HOME": "/nowhere"}
"""The user's variables by default."""

_NAME: Final = "example"
_PYTHON: Final = "3.13.1"


def project_request(app: Application, *, settings: Any = None) -> ProjectRequest:
    """Return a request about *app*, from before an interpreter is chosen."""
    return ProjectRequest(
        project=Project(app.path), settings=ToolSettings() if settings is None else settings
    )


def index_request(
    app: Application, *indexes: Index, settings: Any = None, certificates: Path | None = None
) -> IndexRequest:
    """Return a request for the variables of *indexes*, for *app*."""
    return IndexRequest(
        project=Project(app.path),
        settings=ToolSettings() if settings is None else settings,
        indexes=indexes,
        certificates=certificates,
    )


def tool_request(
    app: Application,
    *,
    settings: Any = None,
    environment: Mapping[str, str] = ENVIRONMENT,
    name: str = _NAME,
    python: str = _PYTHON,
    layers: Path = LAYERS,
) -> ToolRequest:
    """Return a request for the tool layer of the package manager *name*, in a build of *app* with *python*."""
    return ToolRequest(
        project=Project(app.path),
        settings=ToolSettings() if settings is None else settings,
        environment=environment,
        interpreter=Interpreter(version=python, prefix=layers / names.PYTHON),
        target=Target(os="linux", arch="amd64"),
        layer=layers / names.tool_layer(name),
        venv=layers / names.VENV,
    )


def environment_request(
    app: Application,
    *,
    settings: Any = None,
    environment: Mapping[str, str] = ENVIRONMENT,
    name: str = _NAME,
    version: str = "1.0",
    others: Mapping[str, str] | None = None,
    exec_env: str = PRODUCTION,
    python: str = _PYTHON,
    layers: Path = LAYERS,
) -> EnvironmentRequest:
    """Return a request for the environment of *app*, from *version* of the package manager *name*.

    *others* maps each other package manager whose tool it uses to the version of that tool.
    """
    tools = {**(others or {}), name: version}
    all_tools = {one: Tool(version=text, layer=layers / names.tool_layer(one)) for one, text in tools.items()}
    return EnvironmentRequest(
        project=Project(app.path),
        settings=ToolSettings() if settings is None else settings,
        environment=environment,
        interpreter=Interpreter(version=python, prefix=layers / names.PYTHON),
        target=Target(os="linux", arch="amd64"),
        own_tool=all_tools.pop(name),
        others=all_tools,
        venv=layers / names.VENV,
        cache=layers / names.cache_layer(name),
        report=REPORT,
        exec_env=exec_env,
    )


def hook_context(
    app: Application,
    *,
    distributions: Iterable[str] = (),
    settings: Any = None,
    environment: Mapping[str, str] = ENVIRONMENT,
    name: str = _NAME,
    exec_env: str = PRODUCTION,
    python: str = _PYTHON,
    layers: Path = LAYERS,
) -> HookContext:
    """Return the context for the hooks of the plugin whose entry point is *name*, in a build of *app*.

    *distributions* are the names of the installed distributions. *settings* is an instance of the class that
    ``layerwright_settings`` returns.
    """
    return HookContext(
        project=Project(app.path),
        interpreter=Interpreter(version=python, prefix=layers / names.PYTHON),
        target=Target(os="linux", arch="amd64"),
        venv=layers / names.VENV,
        distributions=frozenset(map(normalised_name, distributions)),
        environment=environment,
        layer=layers / names.plugin_layer(name),
        exec_env=exec_env,
        settings=settings,
    )


def offline_request(asked: EnvironmentRequest, *, bundle: Path = BUNDLE) -> OfflineRequest:
    """Return a request about builds from *bundle*, for the environment that *asked* is about."""
    return OfflineRequest(environment=asked, archives=bundle / "archives", index=(bundle / "simple").as_uri())
