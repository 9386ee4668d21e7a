"""The tool layer of a declared package manager: its distribution in a virtual environment of its own."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from layerwright.cnb.layer_env import LayerEnv, Scope
from layerwright.command import redacted
from layerwright.declarative.lock_file import value_in
from layerwright.declarative.model import scripts
from layerwright.declarative.placeholders import filled
from layerwright.declarative.words import expanded
from layerwright.distributions import install_distributions
from layerwright.package_manager import PythonDependence, ToolLayer
from layerwright.tool_versions import tool_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.declarative.model import Declaration, VariableTable
    from layerwright.package_manager import ToolRequest

__all__ = ["describe_tool_layer"]

_INDEX: Final = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX")


def describe_tool_layer(declaration: Declaration, default: str, lock: str, request: ToolRequest) -> ToolLayer:
    """Return the layer with the configured version, else the one that the application requires, else *default*.

    That one is installed by the hashes of *lock*, where there is one. Any other version, and what is to be beside it,
    comes as the index has it when the layer is made, so that the index counts as an input.
    """
    tool, settings = declaration.tool, request.settings
    version = _version(declaration, default, request)
    hashed = lock if version == default else ""
    beside = expanded(tool.with_, settings)
    also = beside if hashed else (f"{tool.distribution}=={version}", *beside)
    inputs = {"lock": f"sha256:{hashlib.sha256(hashed.encode()).hexdigest()}"} if hashed else {}
    if also:
        environment = request.environment
        inputs |= {"not hash-pinned": redacted(" ".join(also))}
        inputs |= {name: redacted(environment[name]) for name in _INDEX if name in environment}
    words = f"{tool.distribution}=={version}" if hashed else f"{' '.join(also)} (not hash-pinned)"
    names = scripts(tool)
    return ToolLayer(
        version=version,
        inputs=inputs,
        install=install_distributions(
            request,
            hashed,
            also=also,
            scripts=names,
            standalone=tool.standalone,
            shown=f"pip install {words}",
        ),
        env=_environment(declaration, version, request),
        # What is installed is bound to the minor version and to the interpreter's path, which core adds.
        depends_on_python=PythonDependence.NONE if tool.standalone else PythonDependence.MINOR,
        stand_ins={name: _stand_in(declaration, name) for name in names},
        launchers=tool.launchers,
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


def _stand_in(declaration: Declaration, script: str) -> str:
    launchers = [words for words in declaration.tool.launchers if words.split()[0] == script]
    instead = f": instead of `{launchers[0]} COMMAND`, run COMMAND" if launchers else ""
    return (
        f"{script} is a build-time tool of this image. A command of the application runs without it{instead}.\n"
        f"To have {script} at every launch, set `launch = true` in [tool.layerwright.{declaration.name}] of "
        "pyproject.toml,\nand build again."
    )
