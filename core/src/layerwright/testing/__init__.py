"""Test tools for plugins: a conformance kit, and its fixtures.

Names are imported when they are first used: an application directory needs neither pytest nor an index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layerwright.testing.applications import Application
    from layerwright.testing.conformance.hooks.kit import HookConformance
    from layerwright.testing.conformance.kit import PackageManagerConformance
    from layerwright.testing.distributions import Artifact, sdist, source_tree, wheel, wheel_contents
    from layerwright.testing.interpreters import fake_interpreter
    from layerwright.testing.layers import Layers
    from layerwright.testing.loopback.faults import Fault
    from layerwright.testing.loopback.index import PackageIndex
    from layerwright.testing.release import Release
    from layerwright.testing.requests import (
        environment_request,
        hook_context,
        index_request,
        offline_request,
        project_request,
        tool_request,
    )
    from layerwright.testing.sandbox import Outcome, Sandbox

__all__ = [
    "Application",
    "Artifact",
    "Fault",
    "HookConformance",
    "Layers",
    "Outcome",
    "PackageIndex",
    "PackageManagerConformance",
    "Release",
    "Sandbox",
    "environment_request",
    "fake_interpreter",
    "hook_context",
    "index_request",
    "offline_request",
    "project_request",
    "sdist",
    "source_tree",
    "tool_request",
    "wheel",
    "wheel_contents",
]

_HOMES = {
    "applications": ("Application",),
    "conformance.hooks.kit": ("HookConformance",),
    "conformance.kit": ("PackageManagerConformance",),
    "distributions": ("Artifact", "sdist", "source_tree", "wheel", "wheel_contents"),
    "loopback.faults": ("Fault",),
    "loopback.index": ("PackageIndex",),
    "interpreters": ("fake_interpreter",),
    "layers": ("Layers",),
    "release": ("Release",),
    "requests": (
        "environment_request",
        "hook_context",
        "index_request",
        "offline_request",
        "project_request",
        "tool_request",
    ),
    "sandbox": ("Outcome", "Sandbox"),
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
