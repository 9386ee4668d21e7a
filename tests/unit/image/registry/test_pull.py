"""Pulling: the right platform, verified, kept by digest; mirrors first."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import SiteError, UserError
from layerwright.image.base.find import find_base
from layerwright.image.blobs import BlobDirectory
from layerwright.image.descriptor import INDEX, Descriptor, json_bytes
from layerwright.image.reading import NoImageError
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.registries import Registries
from tests.fixtures.registry import FakeRegistry, served_registry
from tests.unit.image.samples import TARGET, WEB, image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.image import Image


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with served_registry() as server:
        yield server


OPENED: list[Registries] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def registries(root: Path, **site: Any) -> Registries:
    OPENED.append(
        Registries(Site(delays=(0,), wait=lambda _seconds: None, **site), BlobDirectory(root / "cache"))
    )
    return OPENED[-1]


@pytest.fixture
def base(server: FakeRegistry, tmp_path: Path) -> Image:
    """Push an image as base:1, also behind an index as base:multi."""
    made = image(tmp_path / "base", WEB)
    registries(tmp_path / "pusher").push(made, named(server), lambda _words: None)
    platform = {"architecture": "amd64", "os": "linux"}
    index = json_bytes({"manifests": [{**made.descriptor.document, "platform": platform}]})
    server.manifests["base", "multi"] = (INDEX, index)
    server.requests.clear()
    return made


def named(server: FakeRegistry, name: str = "base:1") -> Reference:
    return Reference.parse(f"{server.address}/{name}")


def test_a_base_by_tag_has_its_name_and_digest(server: FakeRegistry, base: Image, tmp_path: Path) -> None:
    found = find_base(f"docker://{server.address}/base:multi", TARGET, registries(tmp_path))
    index = server.manifests["base", "multi"][1]
    assert found.name == f"{server.address}/base:multi"
    assert found.digest == Descriptor.of(INDEX, index).digest
    assert found.image.manifest == base.manifest


def test_no_layer_of_a_base_is_read_before_it_is_needed(
    server: FakeRegistry, base: Image, tmp_path: Path
) -> None:
    pulled = registries(tmp_path).pull(named(server), "amd64", "linux").image
    assert server.count("GET", "/blobs/") == 1  # the configuration
    layer = pulled.layers[0]
    for _ in range(2):
        with layer.blobs.open(layer.descriptor) as content:
            assert len(content.read()) == layer.descriptor.size
    assert server.count("GET", "/blobs/") == 2


def test_a_base_by_digest_that_was_read_before_needs_no_registry(
    server: FakeRegistry, base: Image, tmp_path: Path
) -> None:
    reference = named(server, f"base@{base.digest}")
    registries(tmp_path).pull(reference, "amd64", "linux")
    server.requests.clear()
    assert registries(tmp_path).pull(reference, "amd64", "linux").digest == base.digest
    assert server.requests == []


def test_a_damaged_copy_in_the_cache_is_downloaded_again(
    server: FakeRegistry, base: Image, tmp_path: Path
) -> None:
    reference = named(server, f"base@{base.digest}")
    registries(tmp_path).pull(reference, "amd64", "linux")
    BlobDirectory(tmp_path / "cache").file(base.digest).write_text("damaged")
    assert registries(tmp_path).pull(reference, "amd64", "linux").image.manifest == base.manifest


def spoiled(part: str, *, times: int) -> Any:
    """Return a fault that answers with another content, *times* times."""
    left = [times]

    def fault(handler: Any) -> bool:
        if handler.command != "GET" or part not in handler.path:
            return False
        handler.answer(200, b'{"mediaType": "x"}', Docker_Content_Digest="sha256:other")
        left[0] -= 1
        if left[0]:
            handler.registry.faults.append(fault)
        return True

    return fault


@pytest.mark.parametrize("part", ["/manifests/", "/blobs/"])
def test_a_content_that_does_not_match_its_digest_is_asked_for_again_and_never_used(
    server: FakeRegistry, base: Image, tmp_path: Path, part: str
) -> None:
    server.faults.append(spoiled(part, times=1))
    assert registries(tmp_path).pull(named(server), "amd64", "linux").image.manifest == base.manifest
    server.faults.append(spoiled(part, times=2))
    with pytest.raises(SiteError, match="does not answer as it should"):
        registries(tmp_path / "other").pull(named(server), "amd64", "linux")


def test_a_missing_image_is_no_base(server: FakeRegistry, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be used as the base image") as caught:
        find_base(f"{server.address}/nothing:1", TARGET, registries(tmp_path))
    assert f"has no {server.address}/nothing:1." in caught.value.cause


@pytest.mark.parametrize(("content", "problem"), [(b"<html>", "damaged"), (b"[]", "damaged")])
def test_something_else_is_no_image(
    server: FakeRegistry, tmp_path: Path, content: bytes, problem: str
) -> None:
    server.manifests["base", "1"] = ("text/html", content)
    with pytest.raises(NoImageError, match=problem):
        registries(tmp_path).pull(named(server), "amd64", "linux")


def test_the_media_type_is_that_of_the_answer_where_the_document_has_none(
    server: FakeRegistry, base: Image, tmp_path: Path
) -> None:
    document = json.loads(base.manifest)
    del document["mediaType"]
    for kind in ("application/vnd.oci.image.manifest.v1+json; charset=utf-8", ""):
        server.manifests["base", "2"] = (kind, json_bytes(document))
        found = registries(tmp_path).pull(named(server, "base:2"), "amd64", "linux")
        assert found.image.manifest == base.manifest


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_refusal_is_an_error(server: FakeRegistry, base: Image, tmp_path: Path, method: str) -> None:
    def refuse(handler: Any) -> bool:
        handler.answer(405)
        return True

    server.faults.append(refuse)
    asking = registries(tmp_path)
    with pytest.raises(SiteError) as caught:
        _ = asking.check(named(server)) if method == "HEAD" else asking.pull(named(server), "amd64", "linux")
    assert caught.value.reference == "registry-refused"


def test_a_content_that_is_gone_is_an_error(server: FakeRegistry, base: Image, tmp_path: Path) -> None:
    pulled = registries(tmp_path).pull(named(server), "amd64", "linux").image
    server.blobs.clear()
    with pytest.raises(SiteError) as caught, pulled.layers[0].blobs.open(pulled.layers[0].descriptor):
        pass
    assert caught.value.reference == "registry-refused"


def test_a_mirror_is_asked_first_and_the_registry_if_the_mirror_lacks_it(
    server: FakeRegistry, base: Image, tmp_path: Path
) -> None:
    server.manifests["library/base", "1"] = server.manifests["base", "1"]
    server.blobs["library/base"] = server.blobs["base"]
    mirrored = registries(tmp_path, mirrors={"docker.io": server.address})
    assert mirrored.pull(Reference.parse("base:1"), "amd64", "linux").image.manifest == base.manifest
    with served_registry() as mirror:
        some = registries(tmp_path / "x", mirrors={server.address: f"{mirror.address}/proxy"})
        assert some.pull(named(server), "amd64", "linux").image.manifest == base.manifest
        assert mirror.requests == ["GET /v2/proxy/base/manifests/1"]


def test_a_redirection_is_followed_without_the_login(
    server: FakeRegistry, base: Image, tmp_path: Path
) -> None:
    from layerwright.image.registry.credentials import Credentials

    seen: list[str | None] = []
    with served_registry() as storage:
        storage.blobs["base"] = server.blobs["base"]

        def note(handler: Any) -> bool:
            seen.append(handler.headers.get("Authorization"))
            storage.faults.append(note)
            handler.registry.faults.remove(note)
            return False

        def elsewhere(handler: Any) -> bool:
            if "/blobs/" not in handler.path or not handler.headers.get("Authorization"):
                return False
            handler.answer(307, Location=f"http://{storage.address}{handler.path}")
            return True

        server.login = "basic"
        server.faults.append(elsewhere)
        storage.faults.append(note)
        me = Credentials("me", "open sesame")
        pulled = registries(tmp_path, credentials=lambda *_names: me).pull(named(server), "amd64", "linux")
    assert pulled.image.manifest == base.manifest
    assert seen == [None]


def test_redirections_without_end_are_an_error(server: FakeRegistry, tmp_path: Path) -> None:
    def again(handler: Any) -> bool:
        handler.registry.faults.append(again)
        handler.answer(302, Location=handler.path)
        return True

    server.faults.append(again)
    with pytest.raises(SiteError) as caught:
        registries(tmp_path).pull(named(server), "amd64", "linux")
    assert "redirections" in caught.value.cause


def test_an_answer_that_breaks_off_is_tried_again(server: FakeRegistry, base: Image, tmp_path: Path) -> None:
    def short(handler: Any) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.close_connection = True
        return True

    server.faults.append(short)
    assert registries(tmp_path).pull(named(server), "amd64", "linux").image.manifest == base.manifest


def test_a_registry_that_is_not_there_is_an_error_that_may_pass(tmp_path: Path) -> None:
    with served_registry() as server:
        address = server.address
    with pytest.raises(SiteError, match=f"The registry {address} does not answer") as caught:
        registries(tmp_path).check(Reference.parse(f"{address}/x"))
    assert caught.value.transient


def test_a_registry_that_is_listed_without_tls_may_have_it(tmp_path: Path) -> None:
    with served_registry() as server:
        address = server.address
    with pytest.raises(SiteError) as caught:
        registries(tmp_path, plain=[address]).check(Reference.parse(f"{address}/x"))
    assert "If it speaks TLS, remove it from image.plain-http." in caught.value.remedy


def test_each_further_attempt_is_announced_with_the_failure_and_the_pause(tmp_path: Path) -> None:
    with served_registry() as server:
        address = server.address
    said: list[str] = []
    with pytest.raises(SiteError):
        registries(tmp_path, told=said.append).check(Reference.parse(f"{address}/x"))
    assert said == [
        f"The registry {address} does not answer as it should: Connection refused."
        " Trying again in 0 s (attempt 2 of 2)."
    ]


def test_an_unknown_registry_is_an_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("no_proxy", "*")
    said: list[str] = []
    with pytest.raises(SiteError, match=r"There is no host registry\.example\.com\.") as caught:
        registries(tmp_path, told=said.append).check(Reference.parse("registry.example.com/x"))
    assert caught.value.reference == "registry-unknown"
    assert said == []


def test_a_registry_has_its_mirror_and_its_scheme_in_any_spelling() -> None:
    site = Site(plain=["plain.example.com"], mirrors={"r.example.com": "m.example.com/r"})
    assert site.mirror("R.example.com:443") == "m.example.com/r"
    assert site.mirror("r.example.com:5000") == ""
    assert site.is_plain("PLAIN.example.com:80")
    assert not site.is_plain("plain.example.com:443")
