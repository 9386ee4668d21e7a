"""The export phase: an image from the layers directory, the application and the last image; then the cache."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import tarfile
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import tomli_w

from tests.lifecycle.image import IMAGE_TIME, remove
from tests.lifecycle.lifecycle import PhaseFailed
from tests.lifecycle.stand_in.archive import pack, pack_directory
from tests.lifecycle.stand_in.outputs import Malformed, read_layer_file
from tests.lifecycle.stand_in.restore import CACHE_METADATA, of_buildpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.lifecycle.stand_in.descriptor import Buildpack
    from tests.lifecycle.stand_in.outputs import LayerFile, Outputs

__all__ = ["Export", "export", "write_cache", "write_config"]

EXPORT_FAILED = 62


@dataclass
class Export:
    """What an export comes to: layers, each a digest and who made it, and what is kept for the next build."""

    layers: list[tuple[str, str]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    def add(self, digest: str, created_by: str) -> str:
        self.layers.append((digest, created_by))
        return digest


def export(
    group: Sequence[Buildpack],
    outputs: Outputs,
    previous: Mapping[str, Any],
    *,
    app: Path,
    layers: Path,
    blobs: Path,
) -> Export:
    """Return the layers of the image, whose archives are in *blobs* then."""
    made = Export()
    try:
        for process in outputs.processes:
            if not process["type"] or set("/><:|&\\") & set(process["type"]):
                raise Malformed(f"{process['type']!r} cannot be a process type")
        made.metadata["buildpacks"] = [
            _buildpack_layers(made, each, layers / each.directory_name, previous, blobs) for each in group
        ]
        sboms = pack_directory(layers / "sbom" / "launch", blobs)
        made.metadata["sbom"] = {"sha": made.add(sboms, "Software Bill-of-Materials")}
        made.metadata["app"] = [{"sha": made.add(pack_directory(app, blobs), "Application Layer")}]
        made.add(_launcher(blobs), "Buildpacks Application Launcher")
        made.add(pack_directory(layers / "config", blobs), "Buildpacks Launcher Config")
        if outputs.processes:
            types = [process["type"] for process in outputs.processes]
            made.add(_process_types(types, blobs), "Buildpacks Process Types")
        json.dumps(made.metadata, allow_nan=False)
    except (Malformed, OSError, ValueError) as error:
        raise PhaseFailed("export", EXPORT_FAILED, f"{error}\n") from error
    return made


def write_config(layers: Path, group: Sequence[Buildpack], outputs: Outputs) -> None:
    """Write what the launcher reads."""
    processes = [{**process, "direct": True} for process in outputs.processes]
    for process in processes:
        del process["default"]
        for key in ("args", "working-dir", "exec-env"):
            if not process[key]:
                del process[key]
    buildpacks = [{"id": b.id, "version": b.version, "api": f"{b.api[0]}.{b.api[1]}"} for b in group]
    path = layers / "config" / "metadata.toml"
    path.parent.mkdir()
    path.write_text(tomli_w.dumps({"buildpacks": buildpacks, "processes": processes}))


def write_cache(group: Sequence[Buildpack], made: Export, *, layers: Path, cache: Path, blobs: Path) -> None:
    """Put in *cache* what the next build is to have of this one, which *made* that image, and that alone."""
    staging = cache / "staging"
    remove(staging)
    staging.mkdir()
    metadata: dict[str, Any] = {"buildpacks": []}
    for buildpack in group:
        kept, exported = {}, of_buildpack(made.metadata, buildpack.id).layers
        for name, layer in _layers(layers / buildpack.directory_name).items():
            path = layers / buildpack.directory_name / name
            if layer.cache and path.exists():
                if layer.launch:
                    digest = exported[name]["sha"]
                    os.link(blobs / f"{digest}.tar", staging / f"{digest}.tar")
                else:
                    digest = pack_directory(path, staging)
                kept[name] = _entry(digest, layer)
        metadata["buildpacks"].append({"key": buildpack.id, "version": buildpack.version, "layers": kept})
    if (layers / "sbom" / "cache").is_dir():
        metadata["sbom"] = {"sha": pack_directory(layers / "sbom" / "cache", staging)}
    (staging / CACHE_METADATA).write_text(json.dumps(metadata))
    remove(cache / "committed")
    staging.rename(cache / "committed")


def _buildpack_layers(
    made: Export, buildpack: Buildpack, directory: Path, previous: Mapping[str, Any], blobs: Path
) -> dict[str, Any]:
    exported = {}
    before = of_buildpack(previous, buildpack.id).layers
    for name, layer in _layers(directory).items():
        if not layer.launch:
            continue
        path = directory / name
        if path.exists():
            digest = pack_directory(path, blobs)
        elif layer.cache:
            raise Malformed(f"layer {name} is cache=true but has no contents")
        elif name not in before:
            raise Malformed(f"cannot reuse {name}: the previous image has no metadata for it")
        else:
            digest = before[name]["sha"]
        made.add(digest, f"Layer: '{name}', Created by buildpack: {buildpack.id}@{buildpack.version}")
        exported[name] = _entry(digest, layer)
    found: dict[str, Any] = {"key": buildpack.id, "version": buildpack.version, "layers": exported}
    if (directory / "store.toml").exists():
        found["store"] = {
            "metadata": _jsonable(tomllib.loads((directory / "store.toml").read_text()).get("metadata"))
        }
    return found


def _layers(directory: Path) -> dict[str, LayerFile]:
    """Return each layer's file by the layer's name; a directory with no file is of no type."""
    names = set()
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            names.add(path.name)
        elif path.name.endswith(".toml") and path.name not in {"store.toml", "launch.toml", "build.toml"}:
            names.add(path.name.removesuffix(".toml"))
    return {name: read_layer_file(directory / f"{name}.toml") for name in sorted(names)}


def _entry(digest: str, layer: LayerFile) -> dict[str, Any]:
    return {
        "sha": digest,
        "data": _jsonable(layer.metadata),
        "build": layer.build,
        "launch": layer.launch,
        "cache": layer.cache,
    }


def _jsonable(value: Any) -> Any:
    match value:
        case dict():
            return {key: _jsonable(each) for key, each in value.items()}
        case list():
            return [_jsonable(each) for each in value]
        case dt.datetime():
            zoned = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
            return zoned.isoformat().replace("+00:00", "Z")
        case dt.date():
            return f"{value.isoformat()}T00:00:00Z"
        case dt.time():
            return f"0000-01-01T{value.isoformat()}Z"
    return value


def _launcher(blobs: Path) -> str:
    def add(archive: tarfile.TarFile) -> None:
        for name in ("/cnb", "/cnb/lifecycle"):
            archive.addfile(_member(name, tarfile.DIRTYPE))
        archive.addfile(_member("/cnb/lifecycle/launcher", tarfile.REGTYPE), io.BytesIO())

    return pack(blobs, add)


def _process_types(types: Sequence[str], blobs: Path) -> str:
    def add(archive: tarfile.TarFile) -> None:
        for name in ("/cnb", "/cnb/process"):
            archive.addfile(_member(name, tarfile.DIRTYPE))
        for process_type in types:
            member = _member(f"/cnb/process/{process_type}", tarfile.SYMTYPE)
            member.linkname = "/cnb/lifecycle/launcher"
            archive.addfile(member)

    return pack(blobs, add)


def _member(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.mtime = kind, 0o755, IMAGE_TIME
    return member
