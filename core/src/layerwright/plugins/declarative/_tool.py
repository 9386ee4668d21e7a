"""The tool layer of a declared package manager: its distribution in its own virtual environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layerwright.cnb.layers.layer_env import LayerEnv, Scope
from layerwright.contract.tool_layers import distribution_layer
from layerwright.contract.tool_versions import tool_version
from layerwright.plugins.declarative._lock_file import value_in
from layerwright.plugins.declarative._model import scripts
from layerwright.plugins.declarative._placeholders import filled
from layerwright.plugins.declarative._words import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.contract.package_manager import ToolLayer, ToolRequest
    from layerwright.plugins.declarative._model import Declaration, VariableTable

__all__ = ["describe_tool_layer"]


def describe_tool_layer(declaration: Declaration, default: str, lock: str, request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured version, else the one that the application requires, else *default*.

    That one is installed by the hashes of *lock*, where there is one.
    """
    tool = declaration.tool
    version = _version(declaration, default, request)
    return distribution_layer(
        request,
        tool.distribution,
        version,
        scripts=scripts(tool),
        hashed=lock if version == default else "",
        also=expanded(tool.with_, request.settings),
        standalone=tool.standalone,
        launchers=tool.launchers,
        env=_environment(declaration, version, request),
        table=declaration.name,
    )


def _version(declaration: Declaration, default: str, request: ToolRequest) -> str:
    tool = declaration.tool
    place, name = tool.required, declaration.display_name
    found = value_in(request.project, place, declaration.environment.lock) if place else None
    if place is None or found is None:
        return tool_version(name, request.settings.version, default, table=declaration.name)
    required = re.sub(r"^(?=\d)", "==", str(found).strip())
    origin = f"{place.key} in {place.file} is {found}"
    return tool_version(
        name,
        request.settings.version,
        default,
        required=required,
        origin=origin,
        table=declaration.name,
        oldest=tool.oldest or "",
    )


def _environment(declaration: Declaration, version: str, request: ToolRequest) -> LayerEnv:
    tool = declaration.tool
    values = {
        "tool": str(request.layer),
        "venv": str(request.venv),
        "python": str(request.interpreter.executable),
        "project": str(request.project.root),
        "version": version,
    }
    env = LayerEnv()
    scopes: dict[str, Mapping[str, VariableTable]] = {
        Scope.ALL: tool.env,
        Scope.BUILD: tool.build_env,
        Scope.LAUNCH: tool.launch_env,
    }
    for scope, variables in scopes.items():
        for name, variable in variables.items():
            if variable.default is None:
                env = env.override(name, filled(variable.override or "", values), scope=scope)
            else:
                env = env.default(name, filled(variable.default, values), scope=scope)
    return env
