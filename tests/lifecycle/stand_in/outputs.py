"""What bin/build leaves in its layers directory: read, checked, and put in order."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.lifecycle.stand_in.descriptor import Buildpack

__all__ = ["LayerFile", "Malformed", "Outputs", "read_layer_file", "read_outputs"]

_TYPES: Final = ("build", "launch", "cache")
_SBOM_MEDIA_TYPES: Final = {
    ".sbom.cdx.json": "application/vnd.cyclonedx+json",
    ".sbom.spdx.json": "application/spdx+json",
    ".sbom.syft.json": "application/vnd.syft+json",
}


class Malformed(Exception):
    """A file is not as it has to be."""


@dataclass(frozen=True, kw_only=True)
class LayerFile:
    """``<layer>.toml``."""

    build: bool = False
    launch: bool = False
    cache: bool = False
    metadata: object = None


@dataclass(kw_only=True)
class Outputs:
    """What one buildpack made, or all of them."""

    processes: list[dict[str, Any]] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    sboms: list[tuple[str, str, Path]] = field(default_factory=list)
    """The type of the layer (or ``launch``, ``build``), its name if it has one, and the file."""
    build_layers: list[Path] = field(default_factory=list)


def read_layer_file(path: Path) -> LayerFile:
    """Return what is in the ``<layer>.toml`` at *path*, nothing at all where there is none."""
    try:
        document = tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return LayerFile()
    except ValueError as error:
        raise Malformed(f"{path.name}: {error}") from error
    if set(_TYPES) & document.keys():
        raise Malformed(f"the flags should be in the types table of {path.name}")
    types = _typed(document.get("types", {}), dict, path.name)
    flags = {name: _typed(types.get(name, False), bool, path.name) for name in _TYPES}
    return LayerFile(**flags, metadata=document.get("metadata"))


def read_outputs(buildpack: Buildpack, directory: Path, given: Sequence[dict[str, Any]]) -> Outputs:
    """Return what *buildpack* left in *directory*, given the plan entries *given*; ``Malformed`` says what is not."""
    outputs = Outputs()
    layers = {}
    # Everything that ends in .toml is looked at as if it were a layer's, launch.toml too.
    names = sorted(path.name for path in directory.iterdir() if path.suffix == ".toml" and not path.is_dir())
    for name in names:
        path = directory / name.removesuffix(".toml")
        layers[path.name] = layer = read_layer_file(directory / name)
        if not (layer.build or layer.launch or layer.cache) and os.path.lexists(path):
            try:
                path.rename(f"{path}.ignore")
            except OSError as error:
                raise Malformed(f"{path.name} cannot be put aside: {error}") from error
        if layer.build:
            outputs.build_layers.append(path)
    outputs.unmet = _unmet(_document(directory / "build.toml"), given)
    outputs.sboms = list(_sboms(buildpack, directory, layers))
    launch = _document(directory / "launch.toml")
    outputs.processes = [_process(buildpack, table) for table in _tables(launch, "processes")]
    if sum(process["default"] for process in outputs.processes) > 1:
        raise Malformed("launch.toml: more than one default process")
    outputs.labels = [(each.get("key", ""), each.get("value", "")) for each in _tables(launch, "labels")]
    return outputs


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Malformed(f"{path.name}: {error}") from error


def _unmet(document: dict[str, Any], given: Sequence[dict[str, Any]]) -> list[str]:
    names = [each.get("name", "") for each in _tables(document, "unmet")]
    for name in names:
        if not name or name not in {entry["name"] for entry in given}:
            raise Malformed(f"build.toml: unmet {name!r} is not in the plan")
    return names


def _process(buildpack: Buildpack, table: dict[str, Any]) -> dict[str, Any]:
    if "direct" in table:
        raise Malformed("launch.toml: direct is not supported")
    if "command" not in table:
        raise Malformed("launch.toml: a process without a command")
    return {
        "type": _typed(table.get("type", ""), str, "launch.toml"),
        "command": _strings(table["command"]),
        "args": _strings(table["args"]) if "args" in table else None,
        "default": _typed(table.get("default", False), bool, "launch.toml"),
        "working-dir": _typed(table.get("working-dir", ""), str, "launch.toml"),
        "exec-env": _strings(table.get("exec-env", [])),
        "buildpack-id": buildpack.id,
    }


def _sboms(
    buildpack: Buildpack, directory: Path, layers: dict[str, LayerFile]
) -> list[tuple[str, str, Path]]:
    found: list[tuple[str, str, Path]] = []
    for path in sorted(directory.glob("*.sbom.*.json")):
        name = path.name.partition(".")[0]
        if name in {"launch", "build"}:
            found.append((name, "", path))
        elif name in layers:  # nothing has the name of a layer with a dot in its name
            found.append(("launch" if layers[name].launch else "build", name, path))
            if layers[name].cache:
                found.append(("cache", name, path))
    for _, _, path in found:
        kinds = [kind for suffix, kind in _SBOM_MEDIA_TYPES.items() if path.name.endswith(suffix)]
        if not kinds or kinds[0] not in buildpack.sbom_formats:
            raise Malformed(f"{path.name}: undeclared SBOM media type")
    return found


def _tables(document: dict[str, Any], key: str) -> list[dict[str, Any]]:
    tables = _typed(document.get(key, []), list, key)
    return [_typed(table, dict, key) for table in tables]


def _strings(value: object) -> list[str]:
    return [_typed(each, str, "launch.toml") for each in _typed(value, list, "launch.toml")]


def _typed(value: Any, kind: type, where: str) -> Any:
    if not isinstance(value, kind):
        raise Malformed(f"{where}: {value!r} is not a {kind.__name__}")
    return value
