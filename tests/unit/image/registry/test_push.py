"""Pushing: only what is missing is sent, faults that pass are overcome, and an image is whole or does not exist."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import SiteError
from layerwright.image.blobs import BlobDirectory
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.credentials import Credentials
from layerwright.image.registry.push import Pushed
from layerwright.image.registry.registries import Registries
from layerwright.process.redaction import KNOWN
from tests.fixtures.registry import FakeRegistry, served_registry
from tests.unit.image.samples import WEB, image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.image import Image

ME = Credentials("me", "open sesame")


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with served_registry() as server:
        yield server


class Pushing:
    """Pushes an image to a registry, and keeps what it waits for."""

    def __init__(self, server: FakeRegistry, root: Path) -> None:
        self.server = server
        self.root = root
        self.image = image(root / "image", WEB)
        self.waited: list[float] = []
        self.said: list[str] = []
        self.credentials: Credentials | None = None
        self.delays: tuple[float, ...] = (1, 2, 3)

    def registries(self) -> Registries:
        site = Site(
            credentials=lambda _registry, _repository: self.credentials,
            delays=self.delays,
            wait=self.waited.append,
            told=self.said.append,
            # Faults then meet the requests in a known order.
            uploads=1,
        )
        return Registries(site, BlobDirectory(self.root / "cache"))

    def push(self, name: str = "team/app:1", pushed: Image | None = None) -> Pushed:
        registries = self.registries()
        try:
            reference = Reference.parse(f"{self.server.address}/{name}")
            return registries.push(pushed or self.image, reference, lambda _words: None)
        finally:
            registries.close()

    def pull(self, name: str = "team/app:1") -> Image:
        registries = self.registries()
        try:
            reference = Reference.parse(f"{self.server.address}/{name}")
            return registries.pull(reference, "amd64", "linux").image
        finally:
            registries.close()

    @property
    def is_whole(self) -> bool:
        """Whether the tag leads to the image, and everything in it is there."""
        there = self.server.blobs["team/app"]
        content = self.server.manifests["team/app", "1"][1]
        return content == self.image.manifest and all(
            layer.descriptor.digest in there for layer in self.image.layers
        )


@pytest.fixture
def pushing(server: FakeRegistry, tmp_path: Path) -> Pushing:
    return Pushing(server, tmp_path)


def test_what_is_pushed_is_whole_and_the_manifest_comes_last(pushing: Pushing, server: FakeRegistry) -> None:
    pushed = pushing.push()
    assert pushing.is_whole
    assert (pushed.sent, pushed.present, pushed.mounted) == (5, 0, 0)
    assert server.requests[-1] == "PUT /v2/team/app/manifests/1"
    assert pushing.pull().manifest == pushing.image.manifest


def test_nothing_changed_is_one_request(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.push()
    server.requests.clear()
    assert pushing.push() == Pushed(present=5)
    assert server.requests == ["HEAD /v2/team/app/manifests/1"]


def test_only_what_is_missing_is_sent(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.push()
    (pushing.root / "image" / "app" / "more.py").write_text("")
    changed = image_again(pushing.root / "image")
    server.requests.clear()
    pushed = pushing.push("team/app:2", changed)
    assert (pushed.sent, pushed.present) == (2, 3)  # the application and the configuration
    assert server.count("PATCH", "") == 2


def image_again(root: Path) -> Image:
    """Return the image of the application in *root* as it is now."""
    import shutil

    shutil.rmtree(root / "layers")
    return image(root, WEB)


def test_contents_of_a_base_in_the_same_registry_are_mounted(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.push("base:1")
    base = pushing.pull("base:1")
    registries = pushing.registries()
    reference = Reference.parse(f"{server.address}/base:1")
    base = registries.pull(reference, "amd64", "linux").image
    pushed = registries.push(base, Reference.parse(f"{server.address}/team/app:1"), lambda _words: None)
    assert (pushed.mounted, pushed.sent) == (4, 1)
    registries.close()


def test_a_registry_that_does_not_mount_gets_the_content(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.push("base:1")
    server.can_mount = False
    registries = pushing.registries()
    base = registries.pull(Reference.parse(f"{server.address}/base:1"), "amd64", "linux").image
    pushed = registries.push(base, Reference.parse(f"{server.address}/team/app:1"), lambda _words: None)
    assert (pushed.mounted, pushed.sent) == (0, 5)
    registries.close()
    assert pushing.is_whole


def test_a_user_who_may_not_read_the_base_sends_it(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.push("base:1")
    registries = pushing.registries()
    base = registries.pull(Reference.parse(f"{server.address}/base:1"), "amd64", "linux").image

    def deny(handler: Any) -> bool:
        if "mount=" not in handler.path:
            return False
        handler.answer(403)
        return True

    server.faults += [deny] * 4
    pushed = registries.push(base, Reference.parse(f"{server.address}/team/app:1"), lambda _words: None)
    assert (pushed.mounted, pushed.sent) == (0, 5)
    registries.close()


def answering(status: int, method: str, part: str, **headers: str) -> Any:
    def fault(handler: Any) -> bool:
        if handler.command != method or part not in handler.path:
            return False
        handler.answer(status, b'{"errors": [{"code": "X", "message": "no"}]}', **headers)
        return True

    return fault


def dropping(method: str, part: str, *, after: int | None = None) -> Any:
    """Return a fault that closes the connection after some bytes of the body have arrived, which count."""

    def fault(handler: Any) -> bool:
        if handler.command != method or part not in handler.path:
            return False
        if after is not None:
            name = handler.path.partition("?")[0].rpartition("/")[2]
            handler.rfile.readline()
            handler.registry.uploads[name] += handler.rfile.read(after)
        handler.drop()
        return True

    return fault


@pytest.mark.parametrize(
    ("method", "part"),
    [
        ("HEAD", "/manifests/"),
        ("HEAD", "/blobs/"),
        ("POST", "/uploads/"),
        ("PATCH", "/uploads/"),
        ("PUT", "/uploads/"),
        ("PUT", "/manifests/"),
    ],
)
@pytest.mark.parametrize("fault", ["429", "500", "503", "drop"])
def test_a_failure_that_passes_is_overcome_wherever_it_is(
    pushing: Pushing, server: FakeRegistry, method: str, part: str, fault: str
) -> None:
    one = dropping(method, part) if fault == "drop" else answering(int(fault), method, part)
    server.faults.append(one)
    pushing.push()
    assert pushing.is_whole
    assert len(pushing.waited) <= 1  # a connection that was open is opened again at once
    assert not server.faults


def test_the_pause_that_a_registry_asks_for_is_made_but_not_for_ever(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.faults.append(answering(429, "HEAD", "/blobs/", Retry_After="7"))
    server.faults.append(answering(429, "POST", "", Retry_After="9999"))
    pushing.push()
    assert pushing.waited == [7, 120]


def test_a_failure_that_does_not_pass_is_an_error_and_there_is_no_image(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.faults += [answering(503, "PUT", "/manifests/")] * 4
    with pytest.raises(SiteError, match="does not answer as it should") as caught:
        pushing.push()
    assert caught.value.exit_status == 75
    assert "After 4 attempts: It answered 503 Service Unavailable (X: no)." in caught.value.cause
    assert server.manifests == {}


def test_an_upload_goes_on_where_it_was_interrupted(pushing: Pushing, server: FakeRegistry) -> None:
    server.faults.append(dropping("PATCH", "/uploads/", after=40))
    pushing.push()
    assert pushing.is_whole
    assert server.count("GET", "/uploads/") == 1


@pytest.mark.parametrize("status", [404, 400, 416])
def test_an_upload_that_is_lost_is_begun_again(pushing: Pushing, server: FakeRegistry, status: int) -> None:
    server.faults.append(answering(status, "PATCH", "/uploads/"))
    pushing.push()
    assert pushing.is_whole
    assert server.count("POST", "/uploads/") == 6


def test_an_upload_that_was_removed_meanwhile_is_begun_again(pushing: Pushing, server: FakeRegistry) -> None:
    server.faults.append(answering(500, "PATCH", "/uploads/"))
    server.faults.append(answering(404, "GET", "/uploads/"))
    pushing.push()
    assert pushing.is_whole
    assert server.count("POST", "/uploads/") == 6


def test_a_content_that_arrived_damaged_is_sent_again(pushing: Pushing, server: FakeRegistry) -> None:
    def damage(handler: Any) -> bool:
        if handler.command != "PUT" or "/uploads/" not in handler.path:
            return False
        name = handler.path.partition("?")[0].rpartition("/")[2]
        handler.registry.uploads[name][0] ^= 1
        handler.registry.faults.remove(damage)
        return False

    server.faults.append(damage)
    pushing.push()
    assert pushing.is_whole


def test_a_registry_that_takes_small_requests_only_gets_chunks(
    pushing: Pushing, server: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layerwright.image.registry.push._ONE_CHUNK", 64)
    server.longest_patch = 64
    pushing.push()
    assert pushing.is_whole
    assert server.count("PATCH", "") > 10


def test_a_registry_that_stores_another_manifest_is_noticed(pushing: Pushing, server: FakeRegistry) -> None:
    server.faults.append(answering(201, "PUT", "/manifests/", Docker_Content_Digest="sha256:other"))
    pushing.push()
    assert pushing.is_whole
    assert len(pushing.waited) == 1


@pytest.mark.parametrize(
    ("method", "part"), [("HEAD", "/manifests/"), ("POST", ""), ("PATCH", ""), ("PUT", "/manifests/")]
)
def test_a_refusal_is_an_error_with_the_words_of_the_registry(
    pushing: Pushing, server: FakeRegistry, method: str, part: str
) -> None:
    server.faults.append(answering(405, method, part))
    with pytest.raises(SiteError, match="refuses") as caught:
        pushing.push()
    assert caught.value.reference == "registry-refused"
    assert "405" in caught.value.cause
    assert pushing.waited == []


def test_an_upload_without_a_place_is_tried_again(pushing: Pushing, server: FakeRegistry) -> None:
    server.faults.append(answering(202, "POST", "/uploads/"))
    pushing.push()
    assert pushing.is_whole


@pytest.mark.parametrize("login", ["basic", "bearer"])
def test_a_login_is_given_when_it_is_asked_for(pushing: Pushing, server: FakeRegistry, login: str) -> None:
    server.login, pushing.credentials = login, ME
    pushing.push()
    assert pushing.is_whole
    assert len(server.tokens) == (1 if login == "bearer" else 0)


def test_an_identity_token_is_exchanged(pushing: Pushing, server: FakeRegistry) -> None:
    server.login, pushing.credentials = "bearer", Credentials(identity="refresh-me")
    pushing.push()
    assert server.scopes == ["repository:team/app:pull,push"]


def test_a_token_that_expires_is_got_again_in_the_middle(pushing: Pushing, server: FakeRegistry) -> None:
    server.login, pushing.credentials, server.token_uses = "bearer", ME, 3
    pushing.push()
    assert pushing.is_whole
    assert len(server.tokens) > 4


@pytest.mark.parametrize("login", ["basic", "bearer"])
def test_without_a_login_the_error_says_how_to_log_in(
    pushing: Pushing, server: FakeRegistry, login: str
) -> None:
    server.login = login
    with pytest.raises(SiteError, match="refuses access to team/app") as caught:
        pushing.push()
    assert caught.value.reference == "registry-login"
    assert caught.value.cause.endswith("No login for it was found on this machine.")
    assert caught.value.remedy[0].startswith(f"Log in: docker login {server.address}")


@pytest.mark.parametrize(
    ("login", "credentials", "whose"),
    [
        ("basic", Credentials("me", "a wrong password", source="/c.json"), "the user me"),
        ("bearer", Credentials("me", "a wrong password", source="/c.json"), "the user me"),
        ("bearer", Credentials(identity="a wrong password", source="/c.json"), "an identity token"),
    ],
)
def test_a_login_that_is_refused_is_named_with_its_source_and_without_secrets(
    pushing: Pushing, server: FakeRegistry, login: str, credentials: Credentials, whose: str
) -> None:
    server.login, pushing.credentials = login, credentials
    with pytest.raises(SiteError, match="refuses access to team/app") as caught:
        pushing.push()
    assert caught.value.reference == "registry-login"
    assert "It answered 401 Unauthorized" in caught.value.cause
    assert caught.value.cause.endswith(f"A login for it was found, and is refused: {whose}, from /c.json.")
    assert caught.value.remedy[0].startswith(f"Log in again: docker login {server.address}")
    assert "wrong password" not in f"{caught.value.cause} {caught.value.remedy} {credentials!r}"


def test_a_login_of_a_kind_that_the_registry_does_not_take_is_named(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.login, pushing.credentials = "basic", Credentials(identity="refresh-me", source="/c.json")
    with pytest.raises(SiteError) as caught:
        pushing.push()
    assert caught.value.cause == (
        "It asks for a login. The login that was found for it is an identity token, from /c.json."
    )


@pytest.mark.parametrize("login", ["", "bearer"])
def test_a_login_without_the_right_is_not_called_wrong(
    pushing: Pushing, server: FakeRegistry, login: str
) -> None:
    server.login, pushing.credentials = login, ME._replace(source="/c.json")
    server.faults.append(answering(403, "PUT", "/manifests/"))
    with pytest.raises(SiteError) as caught:
        pushing.push()
    found = (
        "The login that was found for it is the user me, from /c.json."
        if login
        else "It did not ask for a login."
    )
    assert caught.value.cause == f"It answered 403 Forbidden (X: no). {found}"
    assert "Check that this user may" in caught.value.remedy[1]


@pytest.mark.parametrize(
    ("credentials", "found"),
    [
        (None, "No login for it was found on this machine."),
        (ME._replace(source="/c.json"), "The login that was found for it is the user me, from /c.json."),
    ],
)
def test_a_token_that_does_not_allow_to_push_is_refused_before_anything_is_sent(
    pushing: Pushing, server: FakeRegistry, credentials: Credentials | None, found: str
) -> None:
    server.login, server.anonymous, server.granted = "bearer", True, ["pull"]
    pushing.credentials = credentials
    with pytest.raises(SiteError) as caught:
        pushing.push()
    assert caught.value.reference == "registry-login"
    assert caught.value.cause == f"It gives a token that does not allow a push. {found}"
    assert server.count("POST", "/uploads/") == 0


@pytest.mark.parametrize("granted", [["pull", "push"], ["*"]])
def test_a_token_that_allows_to_push_is_used(
    pushing: Pushing, server: FakeRegistry, granted: list[str]
) -> None:
    server.login, server.granted, pushing.credentials = "bearer", granted, ME
    pushing.push()
    assert pushing.is_whole
    assert pushing.pull().manifest == pushing.image.manifest


@pytest.mark.parametrize("payload", ["e30", "W10", "!", "bnVsbA", "eyJhY2Nlc3MiOiBudWxsfQ"])
def test_a_token_that_does_not_say_what_it_allows_is_used(
    pushing: Pushing, server: FakeRegistry, payload: str
) -> None:
    server.login, pushing.credentials = "bearer", ME

    def give(handler: Any) -> bool:
        if "/token" not in handler.path:
            return False
        server.tokens[f"a.{payload}.c"] = 1_000
        handler.answer(200, json.dumps({"token": f"a.{payload}.c"}).encode())
        return True

    server.faults.append(give)
    pushing.push()
    assert pushing.is_whole


def test_a_check_before_the_push_is_its_first_request(pushing: Pushing, server: FakeRegistry) -> None:
    pushing.push()
    server.requests.clear()
    registries = pushing.registries()
    reference = Reference.parse(f"{server.address}/team/app:1")
    registries.check(reference)
    assert registries.push(pushing.image, reference, lambda _words: None) == Pushed(present=5)
    assert server.requests == ["HEAD /v2/team/app/manifests/1"]
    # What was learnt may have changed by the push.
    registries.push(pushing.image, reference, lambda _words: None)
    assert server.count("HEAD", "/manifests/") == 2
    registries.close()


def test_a_server_with_tls_that_is_asked_without_says_so_in_the_remedy(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.faults.append(answering(400, "HEAD", "/manifests/"))
    with pytest.raises(SiteError, match="refuses") as caught:
        pushing.push()
    assert caught.value.remedy[0] == "If it speaks TLS, remove it from image.plain-http."


def test_a_challenge_without_a_service_asks_for_the_scope_alone(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.login, server.service, pushing.credentials = "bearer", "", ME
    pushing.push()
    assert pushing.is_whole


def test_a_busy_server_of_tokens_is_asked_again(pushing: Pushing, server: FakeRegistry) -> None:
    server.login, pushing.credentials = "bearer", ME
    server.faults.append(answering(503, "GET", "/token"))
    pushing.push()
    assert pushing.is_whole
    assert f"the token server {server.address}: It answered 503" in pushing.said[0]


def test_a_token_server_that_answers_with_something_else_is_a_login_error(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.login, pushing.credentials = "bearer", ME

    def strange(handler: Any) -> bool:
        if "/token" not in handler.path:
            return False
        handler.answer(200, b"<html>")
        return True

    server.faults.append(strange)
    with pytest.raises(SiteError) as caught:
        pushing.push()
    assert caught.value.reference == "registry-login"


def test_tokens_and_logins_are_masked_in_everything_that_is_shown(
    pushing: Pushing, server: FakeRegistry
) -> None:
    server.login, pushing.credentials = "bearer", ME
    pushing.push()
    assert "token-0" not in KNOWN.masked("it sent token-0")
