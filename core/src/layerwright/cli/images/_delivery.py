"""Composes an image, and puts it into a registry with the documents about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from layerwright.image.attached.publish import Attached, push_with
from layerwright.image.blobs import BlobDirectory
from layerwright.image.compose import compose
from layerwright.image.layers.choice import AUTO, Choice, choose_compression
from layerwright.image.layers.compression import Compression, compressed
from layerwright.image.layers.making import LayerMaker
from layerwright.image.registry.errors import ZstdRefusedError
from layerwright.image.registry.push import Pushed
from layerwright.local.places import IMAGE_ATTACHED, IMAGE_BLOBS, IMAGE_CHECKED, IMAGE_LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from layerwright.cli.images._attaching import Attaching
    from layerwright.cli.images._output import Output
    from layerwright.image.attached.artifact import Document
    from layerwright.image.base.image import BaseImage
    from layerwright.image.compose import ImageRequest
    from layerwright.image.image import Image
    from layerwright.image.layers.making import LayerSource
    from layerwright.image.reference import Reference
    from layerwright.image.registry.registries import Registries
    from layerwright.output.log import Log

    Made = Callable[[Image, Sequence[LayerSource]], tuple[Document, ...]]

__all__ = ["Delivered", "Delivery"]


class Delivered(NamedTuple):
    """An image and the documents about it, and what was sent to a registry."""

    image: Image
    documents: tuple[Document, ...]
    pushed: Pushed = Pushed()
    attached: Attached = Attached()


class Delivery(NamedTuple):
    """Where an image goes: to the name *push* in a registry, to *output*, to both or to neither.

    *attaching* says where the documents about it go. *images* is the directory with what was made before,
    *compression* the setting.
    """

    registries: Registries
    push: Reference | None
    output: Output | None
    attaching: Attaching
    images: Path
    compression: str

    def choice(self, base: BaseImage) -> Choice:
        """Return the compression of an image on *base*. ``UserError``: this Python does not have it."""
        refused = self.push.registry if self.push and self._refusal(self.push).exists() else ""
        chosen = choose_compression(
            self.compression,
            docker_base=base.image.is_docker,
            archive=self.output is not None and self.output.is_archive,
            refused=refused,
        )
        compressed(b"", chosen.compression)
        return chosen

    def deliver(self, request: ImageRequest, choice: Choice, made: Made, log: Log) -> Delivered:
        """Compose the image of *request*, and push it with the documents that *made* returns.

        *made* is called with the image and the layers that were not known from before. A
        registry that refuses zstd gets gzip, unless the user chose zstd.
        """
        try:
            return self._delivered(request, choice.compression, made, log)
        except ZstdRefusedError as error:
            if self.push is None or self.compression != AUTO:
                raise
            refused, words = self.push, error.cause.rstrip(".")
        log.warning(
            f"{refused.registry} refuses the image with zstd: {words}. It gets gzip, now and from now on."
        )
        delivered = self._delivered(request, Compression.GZIP, made, log)
        # It was not for another reason.
        file = self._refusal(refused)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        return delivered

    def _delivered(self, request: ImageRequest, compression: Compression, made: Made, log: Log) -> Delivered:
        blobs, records = BlobDirectory(self.images / IMAGE_BLOBS), self.images / IMAGE_LAYERS
        if self.push is None:
            maker = LayerMaker(blobs, records, compression)
            image = compose(request, maker)
            return Delivered(image, made(image, maker.made))
        with self.registries.pushing(self.push, log.detail) as push:
            # A layer is sent while the next ones are compressed.
            maker = LayerMaker(blobs, records, compression, push.begin)
            image = compose(request, maker)
            documents = made(image, maker.made)
            pushed, attached = push_with(
                self.registries,
                image,
                self.push,
                self.attaching.in_registry(image, documents),
                self.images / IMAGE_ATTACHED,
                log.detail,
                is_required=self.attaching.is_required,
                begun=push,
            )
        return Delivered(image, documents, pushed, attached)

    def _refusal(self, name: Reference) -> Path:
        """Return the file that exists if the registry of *name* refuses zstd."""
        return self.images / IMAGE_CHECKED / f"gzip-{name.registry}"
