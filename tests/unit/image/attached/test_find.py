"""What is attached to an image is found where the image is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import SiteError
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Artifact, Document
from layerwright.image.attached.find import Found, find_with_attached
from layerwright.image.attached.publish import attach, push_with
from layerwright.image.base.find import names_image
from layerwright.image.blobs import BlobDirectory
from layerwright.image.descriptor import INDEX, Descriptor, digest_of, json_bytes
from layerwright.image.output.archive import write_archive_of
from layerwright.image.output.layout import write_layout
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.registries import Registries
from tests.fixtures.registry import FakeRegistry, served_registry
from tests.unit.image.samples import TARGET, WEB, image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.image import Image

BILLS = tuple(
    Document(media_type=kind, content=kind.encode(), title="sbom", annotations={"made": "here"})
    for kind in (CYCLONEDX, SPDX)
)


def attached_to(subject: Descriptor) -> tuple[Artifact, ...]:
    return tuple(Artifact(document=each, subject=subject) for each in BILLS)


@pytest.fixture
def made(tmp_path: Path) -> Image:
    return image(tmp_path / "made", WEB)


@pytest.fixture
def registries(tmp_path: Path) -> Iterator[Registries]:
    registries = Registries(Site(delays=()), BlobDirectory(tmp_path / "cache"))
    yield registries
    registries.close()


@pytest.fixture
def server() -> Iterator[FakeRegistry]:
    with served_registry() as server:
        yield server


def contents(found: Found) -> dict[str, bytes]:
    assert all(each.annotations == {"made": "here"} for each in found.attached)
    return {each.media_type: each.read().content for each in found.attached}


EXPECTED = {kind: kind.encode() for kind in (CYCLONEDX, SPDX)}


def test_in_a_layout(made: Image, registries: Registries, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out", attached_to(made.descriptor))
    found = find_with_attached(f"oci:{tmp_path}/out", TARGET, registries)
    assert contents(found) == EXPECTED
    assert (found.image.digest, found.image.manifest) == (made.digest, made.digest)


def test_in_a_registry(made: Image, registries: Registries, server: FakeRegistry, tmp_path: Path) -> None:
    name = f"{server.address}/team/app:1"
    artifacts = attached_to(made.descriptor)
    push_with(registries, made, Reference.parse(name), artifacts, tmp_path / "records", lambda _words: None)
    assert contents(find_with_attached(name, TARGET, registries)) == EXPECTED


def test_in_a_registry_that_lists_no_types(
    made: Image, registries: Registries, server: FakeRegistry, tmp_path: Path
) -> None:
    name = f"{server.address}/team/app:1"
    artifacts = attached_to(made.descriptor)
    push_with(registries, made, Reference.parse(name), artifacts, tmp_path / "records", lambda _words: None)
    tag = made.digest.replace(":", "-")
    other = json_bytes([])
    server.manifests["team/app", digest_of(other)] = (INDEX, other)
    kinds = ("application/vnd.oci.empty.v1+json", "")
    entries = [
        {**each.descriptor.document, "artifactType": kind}
        for each, kind in zip(artifacts, kinds, strict=True)
    ]
    damaged = [{"digest": "sha256:1"}, {**Descriptor.of(INDEX, other).document}]
    server.manifests["team/app", tag] = (INDEX, json_bytes({"manifests": [*entries, *damaged]}))
    *known, first, second = find_with_attached(name, TARGET, registries).attached
    assert {each.media_type: each.read().content for each in known} == EXPECTED
    assert [each.annotations for each in known] == [{"made": "here"}, {"made": "here"}]
    assert (first.words, second.words) == ("a document of unknown type", "a document of unknown type")


def test_an_index_of_platforms_and_its_image_may_both_have_some(
    made: Image, registries: Registries, server: FakeRegistry
) -> None:
    reference = Reference.parse(f"{server.address}/team/app:1")
    registries.push(made, reference, lambda _words: None)
    entry = {**made.descriptor.document, "platform": {"architecture": "amd64", "os": "linux"}}
    index = json_bytes({"schemaVersion": 2, "manifests": [entry]})
    server.manifests["team/app", "all"] = (INDEX, index)
    client, subjects = registries.client(server.address), (Descriptor.of(INDEX, index), made.descriptor)
    for artifact, subject in zip(BILLS, subjects, strict=True):
        attach(client, reference, [Artifact(document=artifact, subject=subject)], lambda _words: None)
    found = find_with_attached(f"{server.address}/team/app:all", TARGET, registries)
    assert contents(found) == EXPECTED
    assert found.image.manifest == made.digest


def test_an_archive_has_none(made: Image, registries: Registries, tmp_path: Path) -> None:
    write_archive_of(made, tmp_path / "app.tar", "app:1")
    assert find_with_attached(f"{tmp_path}/app.tar", TARGET, registries).attached == ()


def test_a_damaged_document_is_named_when_it_is_read(
    made: Image, registries: Registries, tmp_path: Path
) -> None:
    artifacts = attached_to(made.descriptor)
    write_layout(made, tmp_path / "out", artifacts)
    blobs = BlobDirectory(tmp_path / "out" / "blobs")
    blobs.file(artifacts[0].layers[0].descriptor.digest).write_bytes(b"other")
    first, second = find_with_attached(f"oci:{tmp_path}/out", TARGET, registries).attached
    assert second.read().content == SPDX.encode()
    with pytest.raises(SiteError, match=r"What is attached to oci:.* cannot be read") as caught:
        first.read()
    assert caught.value.reference == "damaged-attachment"
    blobs.file(artifacts[0].digest).unlink()
    with pytest.raises(SiteError, match="cannot be read"):
        find_with_attached(f"oci:{tmp_path}/out", TARGET, registries)


def test_an_artifact_with_several_contents_is_no_document(
    made: Image, registries: Registries, server: FakeRegistry, tmp_path: Path
) -> None:
    reference = Reference.parse(f"{server.address}/team/app:1")
    artifacts = attached_to(made.descriptor)
    push_with(registries, made, reference, artifacts, tmp_path / "records", lambda _words: None)
    manifest = json.loads(artifacts[0].manifest)
    other = json_bytes({**manifest, "layers": []})
    server.manifests["team/app", artifacts[0].digest] = ("", other)
    entry = {**Descriptor.of("", other).document, "artifactType": CYCLONEDX, "annotations": []}
    server.manifests["team/app", str(entry["digest"])] = ("", other)
    tag = made.digest.replace(":", "-")
    server.manifests["team/app", tag] = (INDEX, json_bytes({"manifests": [entry, {}]}))
    broken, empty = find_with_attached(reference.words, TARGET, registries).attached
    assert (empty.media_type, empty.digest, empty.annotations) == ("", "", {})
    for each in (broken, empty):
        with pytest.raises(SiteError, match="cannot be read"):
            each.read()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("registry.example.com/team/app:1", True),
        ("localhost/app", True),
        ("127.0.0.1:5000/app", True),
        ("docker://flask", True),
        ("oci:image", True),
        ("app.tar", True),
        ("examples/flask", False),
        ("./app", False),
        ("../app", False),
        (".", False),
        ("app.old", False),
        ("v1.0/app", False),
    ],
)
def test_a_name_is_that_of_an_image_if_it_is_no_path_and_names_a_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, expected: bool
) -> None:
    (tmp_path / "v1.0" / "app").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert names_image(name) is expected
