"""The names of the layers: core names them, plugins do not.

The lifecycle prepends each layer's ``bin`` to ``PATH`` in the order of the names, so the last name wins:
``absent-tools`` < ``plugin-…`` < ``python`` < ``tool-…`` < ``venv``, for every plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "BYTECODE",
    "PRIVATE",
    "PYTHON",
    "STAND_INS",
    "VENV",
    "cache_layer",
    "is_plugins",
    "left_over",
    "ours",
    "package_managers",
    "plugin_layer",
    "tool_layer",
]

PRIVATE: Final = ".layerwright"
"""Our own directory among the layers."""
PYTHON: Final = "python"
# Before "python", so that any other command of that name wins.
STAND_INS: Final = "absent-tools"
VENV: Final = "venv"
BYTECODE: Final = "bytecode"
"""The cache of bytecode of the application's own modules."""
_TOOL: Final = "tool-"
_CACHE: Final = "cache-"
# Before "python", so that its programs never replace one of Python, of a tool or of the application.
_PLUGIN: Final = "plugin-"
_BUILDPACK: Final = "buildpack"


def tool_layer(package_manager: str) -> str:
    """Return the name of the layer that holds *package_manager*."""
    return f"{_TOOL}{package_manager}"


def cache_layer(package_manager: str) -> str:
    """Return the name of the layer that holds the downloads of *package_manager*."""
    return f"{_CACHE}{package_manager}"


def plugin_layer(plugin: str, name: str = "") -> str:
    """Return the name of the layer *name* of *plugin*, an entry point; empty for hooks of the buildpack itself."""
    return "-".join(filter(None, (f"{_PLUGIN}{plugin or _BUILDPACK}", name)))


def is_plugins(layer: str) -> bool:
    """Return whether *layer* is the name of a layer that a plugin contributes."""
    return layer.startswith(_PLUGIN)


def package_managers(present: Iterable[str]) -> tuple[str, ...]:
    """Return the package managers that have a layer among *present*."""
    return tuple(name.removeprefix(_TOOL) for name in present if name.startswith(_TOOL))


def ours(present: Iterable[str]) -> tuple[str, ...]:
    """Return the names among *present* that are names of our layers."""
    return tuple(
        name
        for name in present
        if name.startswith((_TOOL, _CACHE, _PLUGIN)) or name in (BYTECODE, PYTHON, STAND_INS, VENV)
    )


def left_over(present: Iterable[str], contributed: Iterable[str]) -> tuple[str, ...]:
    """Return the layers among *present* that an earlier build created and this one did not."""
    return tuple(sorted({*ours(present)} - {*contributed}))
