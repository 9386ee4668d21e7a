"""Documents are attached to an image before its name leads to it, once, and listed by the registry or under a tag."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import SiteError
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Artifact, Document
from layerwright.image.attached.publish import Attached, push_with
from layerwright.image.attached.referrers import referrers
from layerwright.image.blobs import BlobDirectory
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.registries import Registries
from tests.fixtures.registry import FakeRegistry, served_registry
from tests.unit.image.samples import WEB, image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.registry.push import Pushed

BILLS = (
    Document(media_type=CYCLONEDX, content=b"{}", title="sbom.cdx.json"),
    Document(media_type=SPDX, content=b"[]", title="sbom.spdx.json", annotations={"about": "all of it"}),
)


@pytest.fixture(params=["API", "tag"])
def server(request: pytest.FixtureRequest) -> Iterator[FakeRegistry]:
    with served_registry() as server:
        server.lists_referrers = request.param == "API"
        yield server


class Publishing:
    """Pushes an image with documents."""

    def __init__(self, server: FakeRegistry, root: Path) -> None:
        self.server = server
        self.root = root
        self.image = image(root / "image", WEB)
        self.registries = Registries(Site(delays=()), BlobDirectory(root / "cache"))

    def push(
        self, name: str = "team/app:1", documents: tuple[Document, ...] = BILLS, *, is_required: bool = False
    ) -> tuple[Pushed, Attached]:
        return push_with(
            self.registries,
            self.image,
            Reference.parse(f"{self.server.address}/{name}"),
            self.artifacts(documents),
            self.root / "records",
            lambda _words: None,
            is_required=is_required,
        )

    def artifacts(self, documents: tuple[Document, ...] = BILLS) -> tuple[Artifact, ...]:
        return tuple(Artifact(document=each, subject=self.image.descriptor) for each in documents)

    def listed(self, repository: str = "team/app") -> list[dict[str, Any]]:
        client = self.registries.client(self.server.address)
        return [dict(each) for each in referrers(client, repository, self.image.digest).entries]


@pytest.fixture
def publishing(server: FakeRegistry, tmp_path: Path) -> Iterator[Publishing]:
    publishing = Publishing(server, tmp_path)
    yield publishing
    publishing.registries.close()


def by_digest(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(entries, key=lambda entry: str(entry["digest"]))


def test_documents_are_there_and_listed_before_the_name_leads_to_the_image(
    publishing: Publishing, server: FakeRegistry
) -> None:
    _, attached = publishing.push()
    assert server.requests[-1] == "PUT /v2/team/app/manifests/1"
    assert (attached.sent, attached.present, attached.refused) == (2, 0, None)
    tag = publishing.image.digest.replace(":", "-")
    assert attached.tag == ("" if server.lists_referrers else tag)
    assert by_digest(publishing.listed()) == by_digest([each.entry for each in publishing.artifacts()])
    for each in publishing.artifacts():
        [layer] = json.loads(server.manifests["team/app", each.digest][1])["layers"]
        assert server.blobs["team/app"][layer["digest"]] == each.document.content
        assert layer["annotations"] == {"org.opencontainers.image.title": each.document.title}


def test_a_manifest_names_the_image_and_what_the_document_is(publishing: Publishing) -> None:
    [cyclonedx, spdx] = (json.loads(each.manifest) for each in publishing.artifacts())
    assert cyclonedx["subject"] == publishing.image.descriptor.document
    assert cyclonedx["artifactType"] == "application/vnd.cyclonedx+json"
    assert cyclonedx["config"]["mediaType"] == "application/vnd.oci.empty.v1+json"
    assert "annotations" not in cyclonedx
    assert (spdx["artifactType"], spdx["annotations"]) == ("application/spdx+json", {"about": "all of it"})


def test_nothing_changed_is_one_request(publishing: Publishing, server: FakeRegistry) -> None:
    publishing.push()
    server.requests.clear()
    pushed, attached = publishing.push()
    assert (pushed.sent, attached) == (0, Attached(present=2))
    assert server.requests == ["HEAD /v2/team/app/manifests/1"]


def test_another_machine_finds_out_what_is_attached_and_sends_nothing(
    publishing: Publishing, server: FakeRegistry
) -> None:
    _, first = publishing.push()
    publishing.root = publishing.root / "elsewhere"
    server.requests.clear()
    assert publishing.push()[1] == Attached(present=2, tag=first.tag)
    assert not any(line.startswith(("PUT", "POST", "PATCH")) for line in server.requests)


def test_another_document_about_the_same_image_is_added(publishing: Publishing, server: FakeRegistry) -> None:
    publishing.push()
    more = Document(media_type="application/vnd.in-toto+json", content=b"1", title="provenance.json")
    _, attached = publishing.push(documents=(*BILLS, more))
    assert (attached.sent, attached.present) == (1, 2)
    kinds = sorted(entry["artifactType"] for entry in publishing.listed())
    assert kinds == sorted((CYCLONEDX, SPDX, "application/vnd.in-toto+json"))


def test_what_others_have_attached_stays_in_the_list(publishing: Publishing, server: FakeRegistry) -> None:
    other = Document(media_type="application/vnd.example.scan", content=b"1", title="scan")
    publishing.push(documents=(other,))
    publishing.push()
    assert len(publishing.listed()) == 3


def test_without_documents_nothing_is_asked(publishing: Publishing, server: FakeRegistry) -> None:
    assert publishing.push(documents=())[1] == Attached()
    assert server.count("GET", "") == 0


def test_a_list_in_several_answers_is_read_whole(publishing: Publishing, server: FakeRegistry) -> None:
    server.page = 1
    publishing.push()
    assert len(publishing.listed()) == 2


def refusing_artifacts(handler: Any) -> bool:
    # The last manifest of a push is that of the image.
    if handler.command != "PUT" or "/manifests/sha256:" not in handler.path:
        return False
    error = {"errors": [{"code": "MANIFEST_INVALID", "message": "what is this?"}]}
    handler.answer(400, json.dumps(error).encode())
    return True


def test_a_registry_that_refuses_documents_still_gets_the_image(
    publishing: Publishing, server: FakeRegistry
) -> None:
    server.faults.append(refusing_artifacts)
    _, attached = publishing.push()
    assert attached.refused is not None
    assert "MANIFEST_INVALID: what is this?" in attached.refused.cause
    assert ("team/app", "1") in server.manifests
    # They are tried again with the next push.
    assert publishing.push()[1].sent == 2


def test_documents_that_the_user_asked_for_are_not_left_out(
    publishing: Publishing, server: FakeRegistry
) -> None:
    server.faults.append(refusing_artifacts)
    with pytest.raises(SiteError, match="refuses") as caught:
        publishing.push(is_required=True)
    assert caught.value.reference == "registry-refused"
    assert ("team/app", "1") not in server.manifests


def test_a_registry_that_does_not_answer_is_an_error(publishing: Publishing, server: FakeRegistry) -> None:
    def busy(handler: Any) -> bool:
        return handler.command == "PUT" and "/manifests/sha256:" in handler.path and not handler.answer(503)

    server.faults.append(busy)
    with pytest.raises(SiteError) as caught:
        publishing.push()
    assert caught.value.reference == "registry-unreachable"


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (200, b"[]", "leads to something else."),
        (200, b"<html>", "leads to something else."),
        (500 + 7, b"", "It answered 507 "),
    ],
)
def test_a_list_that_cannot_be_read_is_not_replaced(
    tmp_path: Path, status: int, content: bytes, words: str
) -> None:
    with served_registry() as server:
        publishing = Publishing(server, tmp_path)

        def other(handler: Any) -> bool:
            is_list = handler.command == "GET" and "/manifests/sha256-" in handler.path
            return is_list and not handler.answer(status, content)

        server.faults.append(other)
        _, attached = publishing.push()
        assert attached.refused is not None
        assert words in attached.refused.cause
        publishing.registries.close()


@pytest.mark.parametrize("status", [400, 403, 405])
def test_a_registry_that_refuses_the_request_for_its_list_has_none(tmp_path: Path, status: int) -> None:
    with served_registry() as server:
        publishing = Publishing(server, tmp_path)

        def refusing(handler: Any) -> bool:
            if "/referrers/" not in handler.path:
                return False
            server.faults.append(refusing)
            return not handler.answer(status)

        server.faults.append(refusing)
        assert publishing.push()[1].tag == publishing.image.digest.replace(":", "-")
        assert len(publishing.listed()) == 2
        publishing.registries.close()


def test_without_a_login_nothing_is_listed(tmp_path: Path) -> None:
    with served_registry() as server:
        publishing = Publishing(server, tmp_path)
        server.login = "basic"
        with pytest.raises(SiteError) as caught:
            publishing.listed()
        assert caught.value.reference == "registry-login"
        publishing.registries.close()


def test_a_registry_that_does_not_answer_has_no_list(tmp_path: Path) -> None:
    with served_registry() as server:
        publishing = Publishing(server, tmp_path)
        server.faults.append(lambda handler: "/referrers/" in handler.path and not handler.answer(503))
        with pytest.raises(SiteError) as caught:
            publishing.listed()
        assert caught.value.reference == "registry-unreachable"
        publishing.registries.close()


def test_a_list_that_the_registry_does_not_take_is_told(tmp_path: Path) -> None:
    with served_registry() as server:
        publishing = Publishing(server, tmp_path)
        server.faults.append(
            lambda handler: (
                handler.command == "PUT" and "/manifests/sha256-" in handler.path and not handler.answer(405)
            )
        )
        refused = publishing.push()[1].refused
        assert refused is not None
        assert "refuses the list of what is attached to sha256:" in refused.summary
        publishing.registries.close()


def test_an_endless_list_is_left_alone(publishing: Publishing, server: FakeRegistry) -> None:
    def endless(handler: Any) -> bool:
        if "/referrers/" in handler.path:
            handler.answer(200, b'{"manifests": []}', Link=f'<{handler.path}>; rel="next"')
            server.faults.append(endless)
            return True
        return False

    server.faults.append(endless)
    assert publishing.listed() == []
    assert server.count("GET", "/referrers/") == 100
