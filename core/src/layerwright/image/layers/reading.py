"""Reads the archives of layers that are in an image."""

from __future__ import annotations

import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from layerwright.image.layers.compression import damage, decompressed
from layerwright.image.reading import DamagedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layerwright.image.image import Layer

__all__ = ["open_layer"]


@contextmanager
def open_layer(layer: Layer) -> Iterator[tarfile.TarFile]:
    """Open the archive of *layer*, to read its members once and in their order.

    ``DamagedImageError``, also while they are read: it is damaged. ``UserError``: this Python cannot read zstd.
    """
    descriptor = layer.descriptor
    # ValueError: a header with something else than a number.
    damaged: tuple[type[Exception], ...] = (tarfile.TarError, ValueError, *damage(descriptor.media_type))
    try:
        with (
            layer.blobs.open(descriptor) as content,
            tarfile.open(fileobj=decompressed(content, descriptor.media_type), mode="r|") as archive,
        ):
            yield archive
    except damaged as error:
        raise DamagedImageError(f"The layer {descriptor.digest} cannot be read: {error}.") from error
