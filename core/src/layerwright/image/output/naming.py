"""The names that an image has in files, so that another image in its place keeps them."""

from __future__ import annotations

import json
import tarfile
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from layerwright.image.reading import is_artifact, names_of

if TYPE_CHECKING:
    from layerwright.image.places import Place

__all__ = ["Names", "names_at"]


class Names(NamedTuple):
    """What engines call an image, with a tag, and its name in a layout; each empty if there is none."""

    engine: str = ""
    layout: str = ""


def names_at(place: Place) -> Names:
    """Return the names of the single image at *place*, as far as they can be read."""
    try:
        if place.is_layout:
            return Names(layout=_in_index(json.loads((place.path / "index.json").read_bytes())))
        with tarfile.open(place.path) as archive:
            known = {member.name.removeprefix("./"): member for member in archive}
            texts = {
                name: json.load(cast("IO[bytes]", archive.extractfile(known[name])))
                for name in ("index.json", "manifest.json")
                if name in known
            }
        return Names(_of_docker(texts.get("manifest.json", [])), _in_index(texts.get("index.json", {})))
    except (AttributeError, KeyError, OSError, TypeError, ValueError, tarfile.TarError):
        return Names()


def _in_index(index: Any) -> str:
    # Other tools list what is attached to an image in any order.
    images = [entry for entry in index.get("manifests", ()) if not is_artifact(entry)]
    return next((name for entry in images[:1] for name in names_of(entry)), "")


def _of_docker(described: Any) -> str:
    tags = described[0].get("RepoTags") if described else None
    return str(tags[0]) if tags else ""
