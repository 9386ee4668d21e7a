"""Puts contents into a repository, each by the first way that works: it is there, mounted, or sent."""

from __future__ import annotations

import http.client
from typing import IO, TYPE_CHECKING, Final, NamedTuple, TypeVar
from urllib.parse import urlencode, urljoin

from layerwright.errors import SiteError
from layerwright.image.blobs import DigestError, checked_chunks
from layerwright.image.reading import DamagedImageError
from layerwright.image.reference import same_registry
from layerwright.image.registry.client import PUSH
from layerwright.image.registry.errors import TryAgainError, words_of
from layerwright.image.registry.http import Body
from layerwright.image.registry.pull import RegistryBlobs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from threading import Event

    from layerwright.image.blobs import Blobs
    from layerwright.image.descriptor import Descriptor
    from layerwright.image.registry.client import RegistryClient
    from layerwright.image.registry.http import Answer

__all__ = ["Pushed", "StoppedError", "Upload"]

T = TypeVar("T")
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

    def and_then(self, other: Pushed) -> Pushed:
        """Return what was done in both."""
        return Pushed(*map(sum, zip(self, other, strict=True)))


class StoppedError(Exception):
    """The upload was stopped, because the image will not be complete."""


class Upload:
    """Puts contents into *repository*, until the event *stopped*; *told* is called with what is being sent.

    Several threads can do so at the same time.
    """

    def __init__(
        self, client: RegistryClient, repository: str, told: Callable[[str], None], stopped: Event
    ) -> None:
        self._client = client
        self._repository = repository
        self._told = told
        self._stopped = stopped
        self._chunk = 0

    def put(self, descriptor: Descriptor, blobs: Blobs) -> Pushed:
        """Put the content of *descriptor*, which is in *blobs*.

        ``LayerwrightError``: the registry cannot be reached, or refuses it, or the content is damaged.
        ``StoppedError``: it was stopped.
        """
        if self._again(lambda: self._has(descriptor)):
            return Pushed(present=1)
        same = isinstance(blobs, RegistryBlobs) and same_registry(
            blobs.client.registry, self._client.registry
        )
        source = blobs.repository if same and isinstance(blobs, RegistryBlobs) else ""
        place = self._mounted_or_begun(descriptor, source)
        if not place:
            return Pushed(mounted=1)
        self._client.tell(self._told, descriptor.digest)
        with blobs.open(descriptor) as file:
            attempt = _Attempt(place)
            content = _Watched(file, descriptor, self._stopped)
            self._again(lambda: self._send(descriptor, content, attempt))
        return Pushed(sent=1, size=descriptor.size)

    def _again(self, attempt: Callable[[], T]) -> T:
        def unless_stopped() -> T:
            if self._stopped.is_set():
                raise StoppedError
            return attempt()

        return self._client.again(unless_stopped)

    def _has(self, descriptor: Descriptor) -> bool:
        url = self._client.url(self._repository, f"blobs/{descriptor.digest}")
        answer = self._client.once("HEAD", url, self._repository, actions=PUSH)
        answer.read()
        return answer.status == http.client.OK

    def _mounted_or_begun(self, descriptor: Descriptor, source: str) -> str:
        try:
            return self._again(lambda: self._begun(descriptor, source))
        except SiteError as error:
            if not source or error.reference != "registry-login":
                raise
        # This user may write here, but not read there: it is sent.
        return self._again(lambda: self._begun(descriptor, ""))

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

    def _send(self, descriptor: Descriptor, file: _Watched, attempt: _Attempt) -> None:
        """Send the content from where the registry has got to, and complete the upload."""
        if attempt.is_lost:
            file.check()
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


class _Watched:
    """A *file* with the content of *descriptor* that cannot be read any more after the event *stopped*."""

    def __init__(self, file: IO[bytes], descriptor: Descriptor, stopped: Event) -> None:
        self._file = file
        self._descriptor = descriptor
        self._stopped = stopped
        self.seek = file.seek
        self.tell = file.tell

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most *size*.

        ``StoppedError``: it was stopped. ``DamagedImageError``: there are none.
        """
        if self._stopped.is_set():
            raise StoppedError
        content = self._file.read(size)
        if not content:
            # The registry would wait for the rest.
            raise DamagedImageError(f"The content {self._descriptor.digest} ends too early.")
        return content

    def check(self) -> None:
        """Raise ``DamagedImageError`` if the file has another content."""
        self.seek(0)
        try:
            for _ in checked_chunks(self._file, self._descriptor):
                pass
        except DigestError as error:
            raise DamagedImageError(f"The content {error}.") from error


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
