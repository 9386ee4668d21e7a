"""The registries of a command: the settings of the application, and the credentials of the user."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from layerwright.image.blobs import BlobDirectory
from layerwright.image.registry.client import Site
from layerwright.image.registry.credentials import find_credentials
from layerwright.image.registry.registries import Registries
from layerwright.local.places import IMAGE_BASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layerwright.config.reading import ImageSettings
    from layerwright.output.log import Log

__all__ = ["opened"]


@contextmanager
def opened(
    settings: ImageSettings, environment: Mapping[str, str], images: Path, log: Log
) -> Iterator[Registries]:
    """Yield the registries; downloads are kept below *images*, and *log* says what is tried again."""
    mirrors = (mirror.partition("=") for mirror in settings.mirrors)
    site = Site(
        plain=settings.plain_http,
        mirrors={registry: mirror for registry, _, mirror in mirrors},
        credentials=lambda registry, repository: find_credentials(registry, repository, environment),
        told=log.warning,
    )
    registries = Registries(site, BlobDirectory(images / IMAGE_BASES))
    try:
        yield registries
    finally:
        registries.close()
