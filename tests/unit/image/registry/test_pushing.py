"""Several contents are sent at the same time, beside other work, and an image is whole or does not exist."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

import pytest

from layerwright.errors import SiteError
from layerwright.image.blobs import BlobDirectory, Bytes
from layerwright.image.descriptor import Descriptor
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.credentials import Credentials
from layerwright.image.registry.push import Pushed, StoppedError
from layerwright.image.registry.registries import Registries
from tests.fixtures.registry import FakeRegistry, served_registry
from tests.unit.image.samples import WEB, image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from layerwright.image.registry.pushing import Push

SEVERAL = 3


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with served_registry() as server:
        yield server


class Pushing:
    """Pushes an image, three contents at a time."""

    def __init__(self, server: FakeRegistry, root: Path) -> None:
        self.server = server
        self.image = image(root / "image", WEB)
        self.reference = Reference.parse(f"{server.address}/app:1")
        site = Site(
            credentials=lambda _registry, _repository: Credentials("me", "open sesame"),
            delays=(0.0,),
            uploads=SEVERAL,
        )
        self.registries = Registries(site, BlobDirectory(root / "cache"))

    def begin(self) -> Push:
        return self.registries.pushing(self.reference, lambda _words: None)

    @property
    def tagged(self) -> bool:
        return ("app", "1") in self.server.manifests


@pytest.fixture
def pushing(server: FakeRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pushing]:
    monkeypatch.setattr("layerwright.image.registry.pushing._LARGE", 0)
    pushing = Pushing(server, tmp_path)
    yield pushing
    pushing.registries.close()
    assert not [thread for thread in threading.enumerate() if "_work" in thread.name]


class Meeting:
    """Lets uploads wait until *number* of them are there; fails if they do not meet."""

    def __init__(self, number: int) -> None:
        self._barrier = threading.Barrier(number, timeout=20)
        self._left = number
        self._lock = threading.Lock()

    def __call__(self, handler: Any) -> bool:
        if handler.command != "PATCH":
            return False
        with self._lock:
            self._left -= 1
            if self._left < 0:
                return False
        self._barrier.wait()
        return False


def test_several_contents_are_sent_at_the_same_time_and_the_manifest_last(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.faults.append(Meeting(SEVERAL))
    pushed = pushing.registries.push(pushing.image, pushing.reference, lambda _words: None)
    assert (pushed.sent, pushed.present) == (5, 0)
    assert pushed.size > sum(layer.descriptor.size for layer in pushing.image.layers)
    assert server.requests[-1] == "PUT /v2/app/manifests/1"


def test_a_layer_is_sent_before_the_image_is_complete_and_only_once(
    pushing: Pushing, server: FakeRegistry
) -> None:
    arrived = threading.Event()

    def notice(handler: Any) -> bool:
        if handler.command == "PUT":
            arrived.set()
        return False

    server.faults.append(notice)
    with pushing.begin() as push:
        push.begin(pushing.image.layers[0])
        push.begin(pushing.image.layers[0])
        assert arrived.wait(20)
        assert not pushing.tagged
        assert push.finish(pushing.image).sent == 5
    assert pushing.tagged
    assert server.count("POST", "/uploads/") == 5


def test_an_image_that_is_there_is_only_asked_for(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.registries.push(pushing.image, pushing.reference, lambda _words: None)
    server.requests.clear()
    with pushing.begin() as push:
        assert push.finish(pushing.image) == Pushed(present=5)
    assert server.requests == ["HEAD /v2/app/manifests/1"]


def test_what_ends_the_work_of_the_caller_stops_the_uploads_and_there_is_no_image(pushing: Pushing) -> None:
    def interrupted() -> None:
        with pushing.begin() as push:
            for layer in pushing.image.layers:
                push.begin(layer)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not pushing.tagged


def test_an_upload_that_is_being_sent_is_stopped(pushing: Pushing, server: FakeRegistry) -> None:
    content = b"x" * (3 << 20)

    class Stopping(io.BytesIO):
        """A content that is stopped when its first bytes have been read."""

        def read(self, size: int | None = -1, /) -> bytes:
            push._stopped.set()
            return super().read(size)

    class Contents:
        def open(self, descriptor: Descriptor) -> AbstractContextManager[IO[bytes]]:
            return Stopping(content)

    layer = replace(pushing.image.layers[0], descriptor=Descriptor.of("", content), blobs=Contents())
    with pushing.begin() as push:
        push.begin(layer)
        with pytest.raises(StoppedError):
            push.finish(pushing.image)
    # The small ones may have been sent.
    assert server.count("PUT", layer.descriptor.digest.partition(":")[2]) == 0


@pytest.mark.parametrize(
    ("damaged", "words"), [(b"xxy", "has another content: 3 of 3 bytes"), (b"x", "ends too early")]
)
def test_a_damaged_content_is_an_error_that_the_registry_has_no_part_in(
    pushing: Pushing, damaged: bytes, words: str
) -> None:
    layer = replace(pushing.image.layers[0], descriptor=Descriptor.of("", b"xxx"), blobs=Bytes(damaged))
    with pytest.raises(SiteError, match=r"The image is damaged\.") as caught:
        pushing.registries.push(
            replace(pushing.image, layers=(layer,)), pushing.reference, lambda _words: None
        )
    assert caught.value.reference == "damaged-image"
    assert words in caught.value.cause
    assert not pushing.tagged


def test_a_small_layer_is_sent_when_the_image_is_known_to_be_new(
    pushing: Pushing, server: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    server.requests.clear()
    with pushing.begin() as push:
        push.begin(pushing.image.layers[0])
    assert server.count("HEAD", "/blobs/") == 0


def test_a_failure_of_one_content_stops_the_others_and_is_raised_once(
    pushing: Pushing, server: FakeRegistry
) -> None:
    failed = threading.Event()

    def refuse(handler: Any) -> bool:
        if handler.command != "POST":
            return False
        handler.answer(405)
        failed.set()
        return False

    server.faults.append(refuse)
    with pushing.begin() as push:
        push.begin(pushing.image.layers[0])
        assert failed.wait(20)
        with pytest.raises(SiteError, match="refuses"):
            push.finish(pushing.image)
        with pytest.raises(SiteError, match="refuses"):
            push.begin(pushing.image.layers[1])
    assert not pushing.tagged


def test_a_token_that_expired_is_got_again_once_for_all(pushing: Pushing, server: FakeRegistry) -> None:
    server.login = "bearer"
    with pushing.begin() as push:
        server.tokens = dict.fromkeys(server.tokens, 0)
        server.faults.append(Expired(SEVERAL))
        assert push.finish(pushing.image).sent == 5
    assert len(server.tokens) == 2


class Expired(Meeting):
    """Lets the first requests for contents meet, so that all of them find the token expired."""

    def __call__(self, handler: Any) -> bool:
        command = handler.command
        handler.command = "PATCH" if command == "HEAD" else ""
        try:
            return super().__call__(handler)
        finally:
            handler.command = command


def test_the_words_about_what_is_sent_come_from_one_thread_at_a_time(
    pushing: Pushing, server: FakeRegistry
) -> None:
    said: list[str] = []
    one = threading.Lock()

    def tell(words: str) -> None:
        assert one.acquire(blocking=False)
        # Others would come now.
        time.sleep(0.01)
        said.append(words)
        one.release()

    with pushing.registries.pushing(pushing.reference, tell) as push:
        server.faults.append(Expired(SEVERAL))
        push.finish(pushing.image)
    assert len(said) == 5
