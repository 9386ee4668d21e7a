"""Layerwright turns a Python application directory into layers; this is its public API.

A plugin imports from here and from nowhere else. Names are looked up when they are first asked for, so that
``import layerwright`` costs nothing to those who need little of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.cnb.launch import Process
    from layerwright.cnb.layer_env import LayerEnv, Scope
    from layerwright.cnb.target import Target
    from layerwright.command import Command
    from layerwright.config import ToolSettings, checked
    from layerwright.distributions import bundled_pip
    from layerwright.errors import (
        CommandFailed,
        ConfigurationError,
        LayerwrightError,
        PluginError,
        SiteError,
        UserError,
    )
    from layerwright.hookspecs import Hooks, LaunchContext, PostInstallContext, ProposedProcess, hookimpl
    from layerwright.interpreter import Interpreter, VersionSource
    from layerwright.markers import marker_applies
    from layerwright.package_manager import (
        Change,
        Detection,
        EnvironmentInstall,
        EnvironmentRequest,
        Expected,
        PackageManager,
        PythonDependence,
        Resolution,
        Resolved,
        Tool,
        ToolLayer,
        ToolRequest,
    )
    from layerwright.plugin_api import PLUGIN_API
    from layerwright.project import Project
    from layerwright.redaction import SecretStr, redacted
    from layerwright.tool_layers import distribution_layer
    from layerwright.tool_versions import tool_version, version_setting

__version__ = "0.1.0"
__all__ = [
    "PLUGIN_API",
    "Change",
    "Command",
    "CommandFailed",
    "ConfigurationError",
    "Detection",
    "EnvironmentInstall",
    "EnvironmentRequest",
    "Expected",
    "Hooks",
    "Interpreter",
    "LaunchContext",
    "LayerEnv",
    "LayerwrightError",
    "PackageManager",
    "PluginError",
    "PostInstallContext",
    "Process",
    "Project",
    "ProposedProcess",
    "PythonDependence",
    "Resolution",
    "Resolved",
    "Scope",
    "SecretStr",
    "SiteError",
    "Target",
    "Tool",
    "ToolLayer",
    "ToolRequest",
    "ToolSettings",
    "UserError",
    "VersionSource",
    "__version__",
    "bundled_pip",
    "checked",
    "distribution_layer",
    "hookimpl",
    "marker_applies",
    "redacted",
    "tool_version",
    "version_setting",
]

_HOMES = {
    "cnb.launch": ("Process",),
    "cnb.layer_env": ("LayerEnv", "Scope"),
    "cnb.target": ("Target",),
    "command": ("Command",),
    "config": ("ToolSettings", "checked"),
    "distributions": ("bundled_pip",),
    "errors": (
        "CommandFailed",
        "ConfigurationError",
        "LayerwrightError",
        "PluginError",
        "SiteError",
        "UserError",
    ),
    "hookspecs": ("Hooks", "LaunchContext", "PostInstallContext", "ProposedProcess", "hookimpl"),
    "interpreter": ("Interpreter", "VersionSource"),
    "markers": ("marker_applies",),
    "package_manager": (
        "Change",
        "Detection",
        "EnvironmentInstall",
        "EnvironmentRequest",
        "Expected",
        "PackageManager",
        "PythonDependence",
        "Resolution",
        "Resolved",
        "Tool",
        "ToolLayer",
        "ToolRequest",
    ),
    "plugin_api": ("PLUGIN_API",),
    "project": ("Project",),
    "redaction": ("SecretStr", "redacted"),
    "tool_layers": ("distribution_layer",),
    "tool_versions": ("tool_version", "version_setting"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
