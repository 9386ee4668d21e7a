"""Writes images to a registry: what it lacks, and the manifest last, so that no image there is incomplete."""

from __future__ import annotations

import http.client
from typing import IO, TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode, urljoin

from layerwright.errors import SiteError
from layerwright.image.blobs import Bytes
from layerwright.image.descriptor import CONFIG, MANIFEST, Descriptor
from layerwright.image.registry.client import PUSH
from layerwright.image.registry.errors import TryAgainError, words_of
from layerwright.image.registry.http import Body
from layerwright.image.registry.pull import RegistryBlobs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from layerwright.image.blobs import Blobs
    from layerwright.image.image import Stored
    from layerwright.image.reference import Reference
    from layerwright.image.registry.client import RegistryClient
    from layerwright.image.registry.http import Answer

__all__ = ["Pushed", "push"]

_ONE_CHUNK: Final = 8 << 20
_TOO_LARGE: Final = http.client.REQUEST_ENTITY_TOO_LARGE
_LOST: Final = frozenset(
    {http.client.BAD_REQUEST, http.client.NOT_FOUND, http.client.REQUESTED_RANGE_NOT_SATISFIABLE}
)


class Pushed(NamedTuple):
    """What was done: contents and bytes that were sent, contents that were mounted, and those that were there."""

    sent: int = 0
    size: int = 0
    mounted: int = 0
    present: int = 0


def push(
    client: RegistryClient,
    image: Stored,
    reference: Reference,
    *,
    there: str,
    told: Callable[[str], None] = lambda _words: None,
) -> Pushed:
    """Make *reference*, which leads to the digest *there*, lead to *image*; *told* is called with what is being sent.

    ``LayerwrightError``: the registry cannot be reached, or refuses it.
    """
    if there == image.digest:
        return Pushed(present=len(image.layers) + 1)
    upload = _Upload(client, reference.repository, told)
    # Of two equal layers the lower one, which may be the base's: it can be mounted.
    for layer in {layer.descriptor.digest: layer for layer in reversed(image.layers)}.values():
        upload.put(layer.descriptor, layer.blobs)
    configuration = image.configuration
    upload.put(Descriptor.of(CONFIG, configuration), Bytes(configuration))
    client.again(lambda: _put_manifest(client, image, reference))
    return upload.pushed


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


class _Upload:
    """Puts contents into *repository*, each by the first way that works: it is there, mounted, sent."""

    def __init__(self, client: RegistryClient, repository: str, told: Callable[[str], None]) -> None:
        self._client = client
        self._repository = repository
        self._told = told
        self._chunk = 0
        self.pushed = Pushed()

    def put(self, descriptor: Descriptor, blobs: Blobs) -> None:
        """Put the content of *descriptor*, which is in *blobs*."""
        if self._client.again(lambda: self._has(descriptor)):
            self.pushed = self.pushed._replace(present=self.pushed.present + 1)
            return
        same = isinstance(blobs, RegistryBlobs) and blobs.client.registry == self._client.registry
        source = blobs.repository if same and isinstance(blobs, RegistryBlobs) else ""
        place = self._mounted_or_begun(descriptor, source)
        if not place:
            self.pushed = self.pushed._replace(mounted=self.pushed.mounted + 1)
            return
        self._told(descriptor.digest)
        with blobs.open(descriptor) as file:
            attempt = _Attempt(place)
            self._client.again(lambda: self._send(descriptor, file, attempt))
        self.pushed = self.pushed._replace(sent=self.pushed.sent + 1, size=self.pushed.size + descriptor.size)

    def _has(self, descriptor: Descriptor) -> bool:
        url = self._client.url(self._repository, f"blobs/{descriptor.digest}")
        answer = self._client.once("HEAD", url, self._repository, actions=PUSH)
        answer.read()
        return answer.status == http.client.OK

    def _mounted_or_begun(self, descriptor: Descriptor, source: str) -> str:
        try:
            return self._client.again(lambda: self._begun(descriptor, source))
        except SiteError as error:
            if not source or error.reference != "registry-login":
                raise
        # This user may write here, but not read there: it is sent.
        return self._client.again(lambda: self._begun(descriptor, ""))

    def _begun(self, descriptor: Descriptor, source: str) -> str:
        """Begin an upload and return its URL; empty if the content was mounted from the repository *source*."""
        query = f"?{urlencode({'mount': descriptor.digest, 'from': source})}" if source else ""
        answer = self._client.once(
            "POST",
            self._client.url(self._repository, f"blobs/uploads/{query}"),
            self._repository,
            actions=PUSH,
            also_pull=source,
        )
        if answer.status == http.client.CREATED and source:
            answer.read()
            return ""
        if answer.status != http.client.ACCEPTED:
            raise self._client.refused(answer, f"an upload to {self._repository}")
        answer.read()
        return _place(answer)

    def _send(self, descriptor: Descriptor, file: IO[bytes], attempt: _Attempt) -> None:
        """Send the content from where the registry has got to, and complete the upload."""
        if attempt.begun:
            self._find_out(descriptor, attempt)
        attempt.begun = True
        while attempt.done < descriptor.size:
            file.seek(attempt.done)
            size = min(descriptor.size - attempt.done, self._chunk or descriptor.size)
            # As docker sends it: registries differ in what they make of a range in the first request.
            is_part = attempt.done or size < descriptor.size
            span = {"Content-Range": f"{attempt.done}-{attempt.done + size - 1}"} if is_part else {}
            answer = self._request("PATCH", attempt.place, span, Body(file, size))
            if answer.status == _TOO_LARGE and size > _ONE_CHUNK:
                answer.read()
                self._chunk = _ONE_CHUNK
                continue
            self._check(answer, (http.client.ACCEPTED, http.client.NO_CONTENT), descriptor, attempt)
            attempt.place, attempt.done = _place(answer), attempt.done + size
        separator = "&" if "?" in attempt.place else "?"
        url = f"{attempt.place}{separator}{urlencode({'digest': descriptor.digest})}"
        answer = self._request("PUT", url, {}, b"")
        self._check(answer, (http.client.CREATED,), descriptor, attempt)

    def _check(
        self, answer: Answer, expected: Collection[int], descriptor: Descriptor, attempt: _Attempt
    ) -> None:
        if answer.status in _LOST:
            # The upload was removed, or what has arrived is not what was sent.
            attempt.is_lost = True
            raise TryAgainError(words_of(answer.status, answer.reason, answer.read()))
        if answer.status not in expected:
            raise self._client.refused(answer, f"the content {descriptor.digest}")
        answer.read()

    def _find_out(self, descriptor: Descriptor, attempt: _Attempt) -> None:
        """Ask how much of an interrupted upload has arrived; begin another one if it is lost."""
        if not attempt.is_lost:
            answer = self._client.once("GET", attempt.place, self._repository, actions=PUSH)
            answer.read()
            _, _, last = answer.headers.get("Range", "").rpartition("-")
            # "0-0" also means that nothing has arrived.
            attempt.done = int(last) + 1 if last.isdigit() and int(last) else 0
            attempt.place = _place(answer, attempt.place)
            known = answer.status in (http.client.NO_CONTENT, http.client.ACCEPTED)
            attempt.is_lost = not known or attempt.done > descriptor.size
        if attempt.is_lost:
            attempt.place, attempt.done, attempt.is_lost = self._begun(descriptor, ""), 0, False

    def _request(self, method: str, url: str, headers: dict[str, str], body: Body | bytes) -> Answer:
        kind = {"Content-Type": "application/octet-stream"}
        return self._client.once(
            method, url, self._repository, actions=PUSH, headers={**kind, **headers}, body=body
        )


class _Attempt:
    """An upload: its URL, how many bytes have arrived, whether any were sent, and whether it is lost."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.done = 0
        self.begun = False
        self.is_lost = False


def _place(answer: Answer, before: str = "") -> str:
    place = answer.headers.get("Location") or before
    if not place:
        raise TryAgainError("the registry named no place for an upload")
    return urljoin(answer.url, place)
