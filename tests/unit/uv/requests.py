"""Requests as core makes them, for an application directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import EnvironmentRequest, Interpreter, Project, Target, Tool, ToolRequest
from layerwright_uv.manager import UvSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

LAYERS: Final = Path("/layers")
NO_FILES: Final = {"HOME": "/nowhere", "UV_CONFIG_FILE": "/nowhere/uv.toml"}
"""The environment in which uv has no configuration files, those of this machine included."""


def tool_request(
    app: Application,
    *,
    settings: UvSettings | None = None,
    environment: Mapping[str, str] = NO_FILES,
) -> ToolRequest:
    return ToolRequest(
        project=Project(app.path),
        settings=settings or UvSettings(),
        environment=environment,
        interpreter=Interpreter(version="3.13.1", prefix=LAYERS / "python"),
        target=Target(os="linux", arch="amd64"),
        layer=LAYERS / "tool-uv",
        venv=LAYERS / "venv",
    )


def environment_request(
    app: Application,
    *,
    settings: UvSettings | None = None,
    environment: Mapping[str, str] = NO_FILES,
    exec_env: str = "production",
) -> EnvironmentRequest:
    return EnvironmentRequest(
        project=Project(app.path),
        settings=settings or UvSettings(),
        environment=environment,
        interpreter=Interpreter(version="3.13.1", prefix=LAYERS / "python"),
        target=Target(os="linux", arch="amd64"),
        own_tool=Tool(version="0.13.9", layer=LAYERS / "tool-uv"),
        venv=LAYERS / "venv",
        cache=LAYERS / "cache-uv",
        report=LAYERS.parent / "report.json",
        exec_env=exec_env,
    )
