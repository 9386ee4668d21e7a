"""Every registry that a command asks: one client each, with the cache of what was downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from layerwright.errors import SiteError
from layerwright.image.reading import NoImageError
from layerwright.image.registry.client import PUSH, RegistryClient
from layerwright.image.registry.pull import RegistryBlobs, manifest_of, pull, remote_digest
from layerwright.image.registry.pushing import Push

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.image.blobs import BlobDirectory
    from layerwright.image.image import Image
    from layerwright.image.reference import Reference
    from layerwright.image.registry.client import Site
    from layerwright.image.registry.pull import Pulled
    from layerwright.image.registry.push import Pushed

__all__ = ["Registries"]


class Registries:
    """The registries as *site* reaches them. Downloads are kept in *cache*."""

    def __init__(self, site: Site, cache: BlobDirectory) -> None:
        self._site: Final = site
        self._cache: Final = cache
        self._clients: dict[str, RegistryClient] = {}
        self._there: dict[Reference, str] = {}

    def pull(self, reference: Reference, architecture: str, system: str) -> Pulled:
        """Return the image *reference* for a platform, from the mirror of its registry if that has it.

        ``NoImageError``: there is none. ``SiteError``: the registry cannot be asked.
        """
        if mirror := self._site.mirror(reference.registry):
            host, _, prefix = mirror.partition("/")
            repository = f"{prefix}/{reference.repository}" if prefix else reference.repository
            there = reference._replace(registry=host, repository=repository)
            try:
                return pull(self.client(host), there, self._cache, architecture, system)
            except (NoImageError, SiteError):
                # The registry itself knows better why, if it is asked.
                pass
        return pull(self.client(reference.registry), reference, self._cache, architecture, system)

    def stored(self, reference: Reference) -> tuple[bytes, RegistryBlobs]:
        """Return the manifest *reference* of anything, and where its contents are.

        ``NoImageError``: there is none. ``SiteError``: the registry cannot be asked.
        """
        client = self.client(reference.registry)
        content, _, _ = manifest_of(client, reference, self._cache)
        return content, RegistryBlobs(client, reference.repository, self._cache)

    def check(self, reference: Reference) -> None:
        """Ask what *reference* leads to, as the user who pushes; ``SiteError``: a push to it would fail.

        The next push to it does not ask again.
        """
        self._there[reference] = remote_digest(self.client(reference.registry), reference, PUSH)

    def digest(self, reference: Reference) -> str:
        """Return the digest that *reference* leads to, as the user who pushes sees it; empty if there is none.

        The next push to it does not ask again.
        """
        if reference not in self._there:
            self.check(reference)
        return self._there[reference]

    def push(self, image: Image, reference: Reference, told: Callable[[str], None]) -> Pushed:
        """Make *reference* lead to *image*; see :meth:`Push.finish`."""
        with self.pushing(reference, told) as push:
            return push.finish(image)

    def pushing(self, reference: Reference, told: Callable[[str], None]) -> Push:
        """Return what makes *reference* lead to an image whose layers are sent as soon as they are made."""
        there = self.digest(reference)
        del self._there[reference]
        return Push(self.client(reference.registry), reference, there, told)

    def client(self, registry: str) -> RegistryClient:
        """Return the client of *registry*."""
        if registry not in self._clients:
            self._clients[registry] = RegistryClient(registry, self._site)
        return self._clients[registry]

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
