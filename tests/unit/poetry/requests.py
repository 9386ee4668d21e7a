"""Requests as core makes them, for an application directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from layerwright import EnvironmentRequest, Interpreter, Project, Target, Tool, ToolRequest
from layerwright_poetry.manager import PoetrySettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

LAYERS: Final = Path("/layers")
HOME: Final = {"HOME": "/home/nobody"}


def tool_request(
    app: Application,
    *,
    settings: PoetrySettings | None = None,
    environment: Mapping[str, str] = HOME,
    python: str = "3.13.1",
) -> ToolRequest:
    return ToolRequest(
        project=Project(app.path),
        settings=settings or PoetrySettings(),
        environment=environment,
        interpreter=Interpreter(version=python, prefix=LAYERS / "python"),
        target=Target(os="linux", arch="amd64"),
        layer=LAYERS / "tool-poetry",
        venv=LAYERS / "venv",
    )


def environment_request(
    app: Application,
    *,
    settings: PoetrySettings | None = None,
    environment: Mapping[str, str] = HOME,
    exec_env: str = "production",
    venv: Path = LAYERS / "venv",
) -> EnvironmentRequest:
    return EnvironmentRequest(
        project=Project(app.path),
        settings=settings or PoetrySettings(),
        environment=environment,
        interpreter=Interpreter(version="3.13.1", prefix=LAYERS / "python"),
        target=Target(os="linux", arch="amd64"),
        own_tool=Tool(version="2.5.1", layer=LAYERS / "tool-poetry"),
        venv=venv,
        cache=LAYERS / "cache-poetry",
        report=LAYERS.parent / "report.json",
        exec_env=exec_env,
    )
