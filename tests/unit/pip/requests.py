"""Requests as core makes them, for an application directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import EnvironmentRequest, Interpreter, Project, Target, Tool, ToolRequest
from layerwright_pip.manager import PipSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

LAYERS: Final = Path("/layers")
NO_FILES: Final = {"PIP_CONFIG_FILE": "/dev/null"}
"""The environment in which pip has no configuration files, those of this machine included."""


def tool_request(
    app: Application,
    *,
    settings: PipSettings | None = None,
    environment: Mapping[str, str] = NO_FILES,
    python: str = "3.13.1",
    layers: Path = LAYERS,
    prefix: Path | None = None,
) -> ToolRequest:
    return ToolRequest(
        project=Project(app.path),
        settings=settings or PipSettings(),
        environment=environment,
        interpreter=Interpreter(version=python, prefix=prefix or layers / "python"),
        target=Target(os="linux", arch="amd64"),
        layer=layers / "tool-pip",
        venv=layers / "venv",
    )


def environment_request(
    app: Application,
    *,
    settings: PipSettings | None = None,
    environment: Mapping[str, str] = NO_FILES,
    layers: Path = LAYERS,
    python: str = "3.13.1",
    prefix: Path | None = None,
    pip: str = "26.3",
) -> EnvironmentRequest:
    return EnvironmentRequest(
        project=Project(app.path),
        settings=settings or PipSettings(),
        environment=environment,
        interpreter=Interpreter(version=python, prefix=prefix or layers / "python"),
        target=Target(os="linux", arch="amd64"),
        own_tool=Tool(version=pip, layer=layers / "tool-pip"),
        others={"uv": Tool(version="0.13.9", layer=layers / "tool-uv")},
        venv=layers / "venv",
        cache=layers / "cache-pip",
        report=layers.parent / "report.json",
    )
