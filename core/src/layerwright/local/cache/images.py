"""What images were made of: compressed layers, contents of base images, and interpreters for finished images."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from layerwright.build.layers.names import PRIVATE
from layerwright.build.lock import idle
from layerwright.local.cache.entries import Entry, Found
from layerwright.local.places import (
    IMAGE_ATTACHED,
    IMAGE_BASES,
    IMAGE_BLOBS,
    IMAGE_CHECKED,
    IMAGE_LAYERS,
    IMAGE_PYTHONS,
    IMAGES,
)

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.local.cache.entries import Sizes

__all__ = ["ImageContents"]

_CONTENTS: Final = {IMAGE_BLOBS: "layer", IMAGE_BASES: "base image"}
_RECORDS: Final = (IMAGE_ATTACHED, IMAGE_CHECKED, IMAGE_LAYERS)
_SHOWN: Final = 12


class ImageContents:
    """An entry for each content, for each interpreter, and for the records of them."""

    name = "image-content"
    title = "Contents of images"
    place = IMAGES
    ages = True

    def find(self, cache: Path, sizes: Sizes) -> Found:
        """Return the contents; what no command writes there is unknown."""
        root = cache / self.place
        entries = [
            _entry(f"{words} {path.name[:_SHOWN]}", path, sizes)
            for folder, words in _CONTENTS.items()
            for path in sorted((root / folder / "sha256").glob("*"))
        ]
        entries += [
            _entry(f"Python {path.name}", path, sizes) for path in sorted((root / IMAGE_PYTHONS).glob("*"))
        ]
        entries += [
            _entry(f"records: {name}", root / name, sizes) for name in _RECORDS if (root / name).is_dir()
        ]
        known = {*_CONTENTS, *_RECORDS, IMAGE_PYTHONS}
        return Found(
            entries=entries, unknown=[path for path in sorted(root.glob("*")) if path.name not in known]
        )

    def idle(self, cache: Path, entry: Entry) -> AbstractContextManager[bool]:
        """Yield whether no command makes the interpreter of *entry*; other contents are made or downloaded again."""
        del cache
        [path] = entry.paths
        return idle(path) if (path / PRIVATE).is_dir() else nullcontext(True)


def _entry(name: str, path: Path, sizes: Sizes) -> Entry:
    return Entry(name=name, paths=[path], size=sizes.of(path), used=path.stat().st_mtime)
