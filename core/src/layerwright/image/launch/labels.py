"""The labels of an image: those by which tools of buildpacks know its processes and layers, as far as they are true.

Platform API, "Labels": https://github.com/buildpacks/spec/blob/main/platform.md
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from layerwright.build.patches.separate import BYTECODE, DEPENDS, MADE_WITH
from layerwright.image.descriptor import json_bytes
from layerwright.image.layers.built import BUILDPACK
from layerwright.process.version import __version__
from layerwright.pythons.provider import ARCHIVE_SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layerwright.cnb.launch import Process
    from layerwright.image.parts import LaunchLayer

__all__ = [
    "BASE_DIGEST",
    "BASE_NAME",
    "BUILD_METADATA",
    "LIFECYCLE_METADATA",
    "made_from",
    "metadata_labels",
    "portable",
]

BUILD_METADATA: Final = "io.buildpacks.build.metadata"
LIFECYCLE_METADATA: Final = "io.buildpacks.lifecycle.metadata"
BASE_NAME: Final = "org.opencontainers.image.base.name"
BASE_DIGEST: Final = "org.opencontainers.image.base.digest"
# Other inputs are digests of paths and commands of this machine: equal images would get different labels.
_PORTABLE: Final = re.compile(rf".* version|target|archive|{ARCHIVE_SHA256}|package manager")


def metadata_labels(
    processes: Sequence[Process],
    layers: Sequence[tuple[LaunchLayer, str]],
    application: Sequence[str],
    base: Mapping[str, str],
) -> dict[str, str]:
    """Return the labels for *processes*, *layers* with their diff IDs, and the diff IDs of the *application*.

    *base* describes the base image: ``topLayer``, ``reference``, ``image``.
    """
    buildpack = {"id": BUILDPACK, "version": __version__}
    build = {
        "bom": None,
        "buildpacks": [buildpack],
        "launcher": {"version": "", "source": {"git": {"repository": "", "commit": ""}}},
        "processes": [_process(process) for process in processes],
    }
    lifecycle = {
        "app": [{"sha": diff_id} for diff_id in application],
        "buildpacks": [
            {
                "key": BUILDPACK,
                "version": __version__,
                "layers": {layer.name: _layer(layer, diff_id) for layer, diff_id in layers},
            }
        ],
        "config": {"sha": ""},
        "launcher": {"sha": ""},
        "process-types": {"sha": ""},
        "runImage": dict(base),
    }
    return {
        BUILD_METADATA: json_bytes(build).decode(),
        LIFECYCLE_METADATA: json_bytes(lifecycle).decode(),
    }


def made_from(layer: LaunchLayer) -> dict[str, str]:
    """Return the inputs of *layer* that are the same on every machine."""
    inputs = layer.metadata.get("inputs", {})
    return portable(inputs if isinstance(inputs, dict) else {})


def portable(inputs: Mapping[str, str]) -> dict[str, str]:
    """Return those of *inputs* that are the same on every machine."""
    return {name: value for name, value in sorted(inputs.items()) if _PORTABLE.fullmatch(name)}


def _of_python(layer: LaunchLayer) -> dict[str, Any]:
    """Return what is recorded of the patch release of Python: another one may replace it in a finished image."""
    return {key: layer.metadata[key] for key in (MADE_WITH, BYTECODE, DEPENDS) if key in layer.metadata}


def _process(process: Process) -> dict[str, Any]:
    table = {
        "type": process.type,
        "command": list(process.command),
        "args": list(process.args),
        "direct": True,
        "default": process.default,
        "buildpackID": BUILDPACK,
    }
    where = process.working_directory
    return table if where is None else {**table, "working-dir": where}


def _layer(layer: LaunchLayer, diff_id: str) -> dict[str, Any]:
    types = layer.types
    return {
        "sha": diff_id,
        "data": {"inputs": made_from(layer), **_of_python(layer)},
        "build": types.build,
        "launch": types.launch,
        "cache": types.cache,
    }
