"""Layerwright turns a Python application directory into layers; this is its public API.

A plugin imports from here and from nowhere else. Names are imported when they are first used, so ``import layerwright``
is fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.cnb.launch import Process
    from layerwright.cnb.layers.layer_env import LayerEnv, Scope
    from layerwright.cnb.target import Target
    from layerwright.config.reading import ToolSettings, checked
    from layerwright.config.scripts import application_script, inline_metadata
    from layerwright.contract.distributions import bundled_pip
    from layerwright.contract.failures.install import install_diagnoses
    from layerwright.contract.failures.pip import pip_diagnoses
    from layerwright.contract.hooks import (
        ContributedLayer,
        HookContext,
        Hooks,
        NotProposed,
        ProposedProcess,
        hookimpl,
    )
    from layerwright.contract.locked import (
        LockedArchive,
        LockEntry,
        archive_digests,
        locked_archives,
        locked_requirements,
    )
    from layerwright.contract.markers import marker_applies
    from layerwright.contract.names import normalised_name
    from layerwright.contract.package_manager import PackageManager
    from layerwright.contract.sameness import (
        Change,
        Locked,
        Resolution,
        Resolved,
        Unprovable,
        Update,
    )
    from layerwright.contract.sources.index import Index, IndexRequest, IndexVariables
    from layerwright.contract.sources.pip import pip_index_variables
    from layerwright.contract.tool_layers import distribution_layer
    from layerwright.contract.tool_versions import tool_version, version_setting
    from layerwright.contract.values.environment import (
        EnvironmentInstall,
        EnvironmentRequest,
        Expected,
        SharedCache,
    )
    from layerwright.contract.values.offline import Offline, OfflineRequest
    from layerwright.contract.values.project import Detection, ProjectRequest
    from layerwright.contract.values.tool import PythonDependence, Tool, ToolLayer, ToolRequest
    from layerwright.contract.wheels import LockedWheels, WheelLayout
    from layerwright.errors import (
        CommandFailed,
        ConfigurationError,
        LayerwrightError,
        PluginError,
        SiteError,
        UserError,
    )
    from layerwright.files.frozen import frozen
    from layerwright.files.project import Project
    from layerwright.plugins.api import PLUGIN_API
    from layerwright.process.command import Command
    from layerwright.process.failures.diagnosis import Diagnosis
    from layerwright.process.redaction import SecretStr, redacted
    from layerwright.process.version import __version__
    from layerwright.pythons.interpreter import Interpreter, VersionSource

__all__ = [
    "PLUGIN_API",
    "Change",
    "Command",
    "CommandFailed",
    "ConfigurationError",
    "ContributedLayer",
    "Detection",
    "Diagnosis",
    "EnvironmentInstall",
    "EnvironmentRequest",
    "Expected",
    "HookContext",
    "Hooks",
    "Index",
    "IndexRequest",
    "IndexVariables",
    "Interpreter",
    "LayerEnv",
    "LayerwrightError",
    "LockEntry",
    "Locked",
    "LockedArchive",
    "LockedWheels",
    "NotProposed",
    "Offline",
    "OfflineRequest",
    "PackageManager",
    "PluginError",
    "Process",
    "Project",
    "ProjectRequest",
    "ProposedProcess",
    "PythonDependence",
    "Resolution",
    "Resolved",
    "Scope",
    "SecretStr",
    "SharedCache",
    "SiteError",
    "Target",
    "Tool",
    "ToolLayer",
    "ToolRequest",
    "ToolSettings",
    "Unprovable",
    "Update",
    "UserError",
    "VersionSource",
    "WheelLayout",
    "__version__",
    "application_script",
    "archive_digests",
    "bundled_pip",
    "checked",
    "distribution_layer",
    "frozen",
    "hookimpl",
    "inline_metadata",
    "install_diagnoses",
    "locked_archives",
    "locked_requirements",
    "marker_applies",
    "normalised_name",
    "pip_diagnoses",
    "pip_index_variables",
    "redacted",
    "tool_version",
    "version_setting",
]

_HOMES = {
    "cnb.launch": ("Process",),
    "cnb.layers.layer_env": ("LayerEnv", "Scope"),
    "cnb.target": ("Target",),
    "process.command": ("Command",),
    "process.failures.diagnosis": ("Diagnosis",),
    "config.reading": ("ToolSettings", "checked"),
    "config.scripts": ("application_script", "inline_metadata"),
    "contract.distributions": ("bundled_pip",),
    "contract.failures.install": ("install_diagnoses",),
    "contract.failures.pip": ("pip_diagnoses",),
    "errors": (
        "CommandFailed",
        "ConfigurationError",
        "LayerwrightError",
        "PluginError",
        "SiteError",
        "UserError",
    ),
    "contract.hooks": (
        "ContributedLayer",
        "HookContext",
        "Hooks",
        "NotProposed",
        "ProposedProcess",
        "hookimpl",
    ),
    "pythons.interpreter": ("Interpreter", "VersionSource"),
    "contract.locked": (
        "LockEntry",
        "LockedArchive",
        "archive_digests",
        "locked_archives",
        "locked_requirements",
    ),
    "contract.markers": ("marker_applies",),
    "contract.names": ("normalised_name",),
    "contract.package_manager": ("PackageManager",),
    "contract.sameness": ("Change", "Locked", "Resolution", "Resolved", "Unprovable", "Update"),
    "plugins.api": ("PLUGIN_API",),
    "process.version": ("__version__",),
    "files.frozen": ("frozen",),
    "files.project": ("Project",),
    "process.redaction": ("SecretStr", "redacted"),
    "contract.sources.index": ("Index", "IndexRequest", "IndexVariables"),
    "contract.sources.pip": ("pip_index_variables",),
    "contract.tool_layers": ("distribution_layer",),
    "contract.tool_versions": ("tool_version", "version_setting"),
    "contract.values.environment": ("EnvironmentInstall", "EnvironmentRequest", "Expected", "SharedCache"),
    "contract.values.offline": ("Offline", "OfflineRequest"),
    "contract.values.project": ("Detection", "ProjectRequest"),
    "contract.values.tool": ("PythonDependence", "Tool", "ToolLayer", "ToolRequest"),
    "contract.wheels": ("LockedWheels", "WheelLayout"),
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
