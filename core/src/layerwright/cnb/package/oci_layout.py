"""Images in OCI layout: an empty run image, and the layers of an image.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.cnb.target import Target

__all__ = ["ImageLayer", "LayoutImage", "read_image", "write_base_image"]

_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# An empty tar archive.
_EMPTY: Final = b"\0" * 1024


@dataclass(frozen=True, kw_only=True)
class ImageLayer:
    """One layer of an image: who made it, its digest, and its stored size in bytes."""

    made_by: str
    digest: str
    size: int


@dataclass(frozen=True, kw_only=True)
class LayoutImage:
    """An image in a directory: its digest, and its layers from the lowest up."""

    digest: str
    layers: tuple[ImageLayer, ...]


def write_base_image(path: Path, target: Target) -> None:
    """Write a minimal run image to *path*: an empty layer, ``PATH`` and the distribution's name."""
    import gzip

    layer = gzip.compress(_EMPTY, mtime=0)
    labels = {
        "io.buildpacks.base.distro.name": target.distro_name,
        "io.buildpacks.base.distro.version": target.distro_version,
    }
    config = {
        "architecture": target.arch,
        "config": {"Env": [f"PATH={_PATH}"], "Labels": labels},
        "history": [{"created_by": "layerwright"}],
        "os": target.os,
        "rootfs": {"type": "layers", "diff_ids": [_digest(_EMPTY)]},
    }
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": _put(path, "application/vnd.oci.image.config.v1+json", _bytes(config)),
        "layers": [_put(path, "application/vnd.oci.image.layer.v1.tar+gzip", layer)],
    }
    index = {"schemaVersion": 2, "manifests": [_put(path, media_type, _bytes(manifest))]}
    (path / "index.json").write_bytes(_bytes(index))
    (path / "oci-layout").write_bytes(_bytes({"imageLayoutVersion": "1.0.0"}))


def read_image(path: Path) -> LayoutImage:
    """Return the one image in the directory *path*; ``ValueError``: there is none, or it is damaged."""
    try:
        entries = json.loads((path / "index.json").read_bytes())["manifests"]
        if len(entries) != 1:
            raise ValueError(f"there are {len(entries)}, but there must be exactly one")
        [entry] = entries
        manifest = _get(path, entry)
        history = _get(path, manifest["config"]).get("history") or []
        # It is optional, and its value is not checked.
        made_by = (step.get("created_by", "") for step in history if not step.get("empty_layer"))
        layers = tuple(
            ImageLayer(made_by=next(made_by, ""), digest=layer["digest"], size=layer["size"])
            for layer in manifest["layers"]
        )
        return LayoutImage(digest=entry["digest"], layers=layers)
    except (AttributeError, KeyError, OSError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no image: {error}") from error


def _put(path: Path, media_type: str, content: bytes) -> dict[str, Any]:
    digest = _digest(content)
    blob = path / "blobs" / digest.replace(":", "/")
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(content)
    return {"mediaType": media_type, "digest": digest, "size": len(content)}


def _get(path: Path, descriptor: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes())
    return found


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _bytes(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
