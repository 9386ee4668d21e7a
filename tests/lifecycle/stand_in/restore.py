"""The restore phase: what the last image and the cache give back to the layers directory."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from tests.lifecycle.image import remove
from tests.lifecycle.lifecycle import PhaseFailed
from tests.lifecycle.stand_in.archive import extract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.lifecycle.stand_in.descriptor import Buildpack

__all__ = ["CACHE_METADATA", "Layers", "cached", "of_buildpack", "restore"]

CACHE_METADATA = "io.buildpacks.lifecycle.cache.metadata"
RESTORE_FAILED = 42


@dataclass(frozen=True, kw_only=True)
class Layers:
    """The layers of one buildpack as an image's or the cache's metadata have them."""

    layers: Mapping[str, dict[str, Any]]
    store: Mapping[str, Any] | None = None


def of_buildpack(metadata: Mapping[str, Any], buildpack: str) -> Layers:
    """Return what *metadata* has of *buildpack*, whatever its version was."""
    for made in metadata.get("buildpacks") or ():
        if made["key"] == buildpack:
            return Layers(layers=made.get("layers") or {}, store=made.get("store"))
    return Layers(layers={})


def cached(cache: Path) -> dict[str, Any]:
    """Return the metadata of *cache*, empty where there is none that can be read."""
    try:
        metadata: dict[str, Any] = json.loads((cache / "committed" / CACHE_METADATA).read_text())
    except (OSError, ValueError):
        return {}
    return metadata


def restore(
    group: Iterable[Buildpack],
    layers: Path,
    previous: Mapping[str, Any],
    blobs: Path,
    cache: Path,
) -> None:
    """Restore for *group* what *previous*, the metadata of an image whose layers are in *blobs*, and *cache* have."""
    in_cache = cached(cache)
    archives = cache / "committed"
    try:
        if sbom := (previous.get("sbom") or {}).get("sha"):
            extract(blobs / f"{sbom}.tar")
        for buildpack in group:
            directory = layers / buildpack.directory_name
            _restore_buildpack(
                directory,
                of_buildpack(previous, buildpack.id),
                of_buildpack(in_cache, buildpack.id).layers,
                archives,
            )
        if sbom := (in_cache.get("sbom") or {}).get("sha"):
            extract(archives / f"{sbom}.tar")
    except (OSError, ValueError) as error:
        raise PhaseFailed("restore", RESTORE_FAILED, f"{error}\n") from error
    _restore_sboms(layers, {buildpack.directory_name for buildpack in group})


def _restore_buildpack(
    directory: Path, image: Layers, in_cache: Mapping[str, dict[str, Any]], archives: Path
) -> None:
    if image.store is not None:
        directory.mkdir(exist_ok=True)
        (directory / "store.toml").write_text(tomli_w.dumps(_without_null(image.store)))
    digests = {}
    for name, layer in image.layers.items():
        lacks_contents = layer["build"] and not layer["cache"]
        not_in_cache = layer["cache"] and not in_cache.get(name, {}).get("cache")
        if layer["launch"] and not lacks_contents and not not_in_cache:
            digests[name] = layer["sha"]
            _write(directory / f"{name}.toml", layer)
    for name, layer in in_cache.items():
        if layer["cache"] and not (layer["launch"] and name in image.layers):
            digests[name] = layer["sha"]
            _write(directory / f"{name}.toml", layer)
    for name, digest in digests.items():
        if not in_cache.get(name, {}).get("cache"):
            continue
        if digest != in_cache[name]["sha"]:
            (directory / f"{name}.toml").unlink()
        elif _is_sound(archives / f"{digest}.tar", digest):
            extract(archives / f"{digest}.tar")


def _write(path: Path, layer: Mapping[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    metadata = _floats(layer.get("data"))
    path.write_text("" if metadata is None else tomli_w.dumps({"metadata": metadata}))


def _floats(value: Any) -> Any:
    """Return *value* as a reader of JSON has it that knows numbers of one kind."""
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case dict():
            return {key: _floats(each) for key, each in value.items() if each is not None}
        case list():
            return [_floats(each) for each in value]
    return value


def _without_null(store: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _floats(value) for key, value in store.items() if value is not None}


def _is_sound(archive: Path, digest: str) -> bool:
    try:
        with archive.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" == digest
    except OSError:
        return False


def _restore_sboms(layers: Path, names: set[str]) -> None:
    for kind in ("cache", "launch"):
        for folder, _, files in os.walk(layers / "sbom" / kind):
            for file in files:
                path = Path(folder, file)
                found = re.search(rf"{kind}/(.+)/(.+)/(sbom.+json)", str(path))
                if found and found[1] in names and (layers / found[1]).is_dir():
                    shutil.copy(path, layers / found[1] / f"{found[2]}.{found[3]}")
    remove(layers / "sbom")
