"""The tool layer of a declared package manager: its distribution in its own virtual environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.contract.tool_layers import distribution_layer
from layerwright.contract.tool_versions import pinned_version
from layerwright.plugins.declarative._model import scripts
from layerwright.plugins.declarative._placeholders import filled

if TYPE_CHECKING:
    from layerwright.contract.values.tool import ToolLayer, ToolRequest
    from layerwright.plugins.declarative._model import Declaration

__all__ = ["describe_tool_layer"]


def describe_tool_layer(declaration: Declaration, default: str, lock: str, request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured version, else the one that *lock* pins for this Python, else *default*."""
    tool = declaration.tool
    default = pinned_version(tool.distribution, lock, request.interpreter.version) or default
    version = request.settings.version or default
    values = {
        "tool": str(request.layer),
        "venv": str(request.venv),
        "python": str(request.interpreter.executable),
        "project": str(request.project.root),
        "version": version,
    }
    env = LayerEnv()
    for name, value in tool.env.items():
        env = env.override(name, filled(value, values))
    return distribution_layer(
        request,
        tool.distribution,
        version,
        scripts=scripts(tool),
        hashed=lock if version == default else "",
        launchers=tool.launchers,
        env=env,
        table=declaration.name,
    )
