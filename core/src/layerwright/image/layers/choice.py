"""Which compression the layers of an image get."""

from __future__ import annotations

from typing import NamedTuple

from layerwright.image.layers.compression import Compression

__all__ = ["AUTO", "Choice", "choose_compression"]

AUTO = "auto"
"""The setting that leaves it to :func:`choose_compression`."""


class Choice(NamedTuple):
    """A compression, and why it is not zstd, in words; empty if there is no reason, or the user chose it."""

    compression: Compression
    because: str = ""


def choose_compression(configured: str, *, docker_base: bool, archive: bool, refused: str) -> Choice:
    """Return the compression that is *configured*; ``AUTO`` is zstd, unless something does not take it.

    That is an engine that loads an *archive*, what handles a base image in Docker's own format (*docker_base*), or the
    registry *refused*, which has refused an image with zstd.
    """
    if configured != AUTO:
        return Choice(Compression(configured))
    if archive:
        return Choice(Compression.GZIP, "older releases of docker load no zstd")
    if docker_base:
        return Choice(Compression.GZIP, "the base image is in Docker's own format, which has no zstd")
    if refused:
        return Choice(Compression.GZIP, f"{refused} has refused an image with zstd before")
    return Choice(Compression.ZSTD)
