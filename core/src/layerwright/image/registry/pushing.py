"""Writes an image to a registry: what it lacks, several contents at a time, and the manifest last.

No image in the registry is ever incomplete.
"""

from __future__ import annotations

import http.client
from collections import deque
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Final, Self

from layerwright.image.blobs import Bytes
from layerwright.image.descriptor import CONFIG, MANIFEST, Descriptor
from layerwright.image.registry.client import PUSH
from layerwright.image.registry.errors import TryAgainError
from layerwright.image.registry.push import Pushed, Upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from layerwright.image.blobs import Blobs
    from layerwright.image.image import Layer, Stored
    from layerwright.image.reference import Reference
    from layerwright.image.registry.client import RegistryClient

__all__ = ["Push", "push"]

_LARGE: Final = 1 << 20
_PATIENCE: Final = 1.0


class Push:
    """Makes *reference*, which leads to the digest *there*, lead to an image; *told* is called with what is being sent.

    Within its context, contents are sent by other threads, while this one makes the next layer. Whatever ends the
    context before :meth:`finish` has returned stops them, and the reference still leads to the image before.
    """

    def __init__(
        self, client: RegistryClient, reference: Reference, there: str, told: Callable[[str], None]
    ) -> None:
        self._client: Final = client
        self._reference: Final = reference
        self.there: Final = there
        self._stopped: Final = Event()
        self._upload: Final = Upload(client, reference.repository, told, self._stopped)
        self._changed: Final = Condition()
        self._waiting: deque[tuple[Descriptor, Blobs]] = deque()
        self._begun: set[str] = set()
        self._busy = 0
        self._pushed = Pushed()
        self._error: BaseException | None = None
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        with self._changed:
            self._stopped.set()
            self._changed.notify_all()
        for thread in self._threads:
            # One that waits for the registry ends with this process.
            thread.join(_PATIENCE / len(self._threads))

    def begin(self, layer: Layer) -> None:
        """Begin to send *layer* if it is large; a small one is sent later, when it is known that the image is new.

        ``LayerwrightError``: the registry cannot be reached, or has refused another one.
        """
        if layer.descriptor.size >= _LARGE:
            self._begin(layer.descriptor, layer.blobs)

    def finish(self, image: Stored) -> Pushed:
        """Send the rest of *image*, and its manifest when everything else is there.

        ``LayerwrightError``: the registry cannot be reached, or refuses it.
        """
        if self.there == image.digest:
            self._wait()
            return Pushed(present=len(image.layers) + 1)
        # The lower one of two equal layers may be the base's, which can be mounted.
        for layer in {layer.descriptor.digest: layer for layer in reversed(image.layers)}.values():
            self._begin(layer.descriptor, layer.blobs)
        configuration = image.configuration
        self._begin(Descriptor.of(CONFIG, configuration), Bytes(configuration))
        self._wait()
        self._client.again(lambda: _put_manifest(self._client, image, self._reference))
        return self._pushed

    def _begin(self, descriptor: Descriptor, blobs: Blobs) -> None:
        with self._changed:
            if self._error is not None:
                raise self._error
            if descriptor.digest in self._begun:
                return
            self._begun.add(descriptor.digest)
            self._waiting.append((descriptor, blobs))
            self._changed.notify_all()
            if len(self._threads) < self._client.uploads:
                # Not one that the end of this process waits for.
                thread = Thread(target=self._work, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _wait(self) -> None:
        """Wait until everything that was begun is there, or one of it failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._error or not (self._waiting or self._busy))
            if self._error is not None:
                raise self._error

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopped.is_set())
                if self._stopped.is_set():
                    return
                descriptor, blobs = self._waiting.popleft()
                self._busy += 1
            pushed, error = Pushed(), None
            try:
                pushed = self._upload.put(descriptor, blobs)
            except BaseException as caught:  # it is raised in the other thread
                error = caught
            with self._changed:
                self._busy -= 1
                self._pushed = self._pushed.and_then(pushed)
                if error is not None and self._error is None:
                    self._error = error
                    self._stopped.set()
                self._changed.notify_all()


def push(
    client: RegistryClient,
    image: Stored,
    reference: Reference,
    *,
    there: str,
    told: Callable[[str], None] = lambda _words: None,
) -> Pushed:
    """Make *reference*, which leads to the digest *there*, lead to *image*; see :meth:`Push.finish`."""
    with Push(client, reference, there, told) as begun:
        return begun.finish(image)


def _put_manifest(client: RegistryClient, image: Stored, reference: Reference) -> None:
    answer = client.once(
        "PUT",
        client.url(reference.repository, f"manifests/{reference.version}"),
        reference.repository,
        actions=PUSH,
        headers={"Content-Type": MANIFEST},
        body=image.manifest,
    )
    if answer.status not in (http.client.CREATED, http.client.OK):
        raise client.refused(answer, reference.words, zstd=_has_zstd(image))
    answer.read()
    digest = answer.headers.get("Docker-Content-Digest", image.digest)
    if digest != image.digest:
        raise TryAgainError(f"the registry stored another manifest: {digest}")


def _has_zstd(image: Stored) -> bool:
    return any(layer.descriptor.media_type.endswith("+zstd") for layer in image.layers)
