"""The parts of a complete build that an image has: the launch layers and the processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.build.layers.names import PYTHON, STAND_INS, VENV, ours, package_managers, tool_layer
from layerwright.build.phase import LAUNCH_TOML
from layerwright.cnb.launch import read_launch
from layerwright.cnb.layers.layer import LayersDirectory, LayerTypes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layerwright.cnb.launch import Process

__all__ = ["LaunchLayer", "Parts", "read_parts"]


class LaunchLayer(NamedTuple):
    """A layer of the build: the digest of its contents, its types, and the metadata with what it was made from."""

    name: str
    path: Path
    contents: str
    types: LayerTypes
    metadata: Mapping[str, object]


class Parts(NamedTuple):
    """The launch layers in the layers directory *root*, what changes least first, and the processes."""

    root: Path
    layers: tuple[LaunchLayer, ...]
    processes: tuple[Process, ...]


def read_parts(root: Path, digests: Mapping[str, str]) -> Parts:
    """Return the parts of the complete build in *root*, the contents of whose layers have these *digests*."""
    directory = LayersDirectory(root)
    found = []
    for name in _by_changes(directory.names()):
        restored = directory.restored(name)
        if restored.types is not None and restored.types.launch:
            found.append(
                LaunchLayer(
                    name, restored.path, digests.get(name, ""), restored.types, restored.metadata or {}
                )
            )
    return Parts(root, tuple(found), read_launch(root / LAUNCH_TOML))


def _by_changes(names: Iterable[str]) -> list[str]:
    """Return our layers among *names*: those that change least first, the virtual environment last."""
    names = ours(names)
    tools = [tool_layer(manager) for manager in package_managers(names)]
    first, last = [PYTHON, *tools, STAND_INS], [VENV]
    others = [name for name in names if name not in (*first, *last)]
    return [name for name in (*first, *others, *last) if name in names]
