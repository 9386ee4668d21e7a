"""Layouts and archives: what is written is read back, whole or not at all."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import UserError
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Artifact, Document
from layerwright.image.base.find import find_base
from layerwright.image.blobs import BlobDirectory
from layerwright.image.descriptor import INDEX, MANIFEST, Descriptor, json_bytes
from layerwright.image.output.archive import image_name, write_archive_of
from layerwright.image.output.archived import read_archive
from layerwright.image.output.documents import check_documents, write_documents
from layerwright.image.output.layout import attached_in_layout, read_layout, write_layout
from layerwright.image.reading import NoImageError
from layerwright.image.registry.client import Site
from layerwright.image.registry.registries import Registries
from tests.unit.image.samples import TARGET, WEB, image

if TYPE_CHECKING:
    from layerwright.image.image import Image


NONE = Registries(Site(), BlobDirectory(Path("/nonexistent")))


@pytest.fixture
def made(tmp_path: Path) -> Image:
    return image(tmp_path / "made", WEB)


def contents(found: Image) -> list[bytes]:
    result = []
    for layer in found.layers:
        with layer.blobs.open(layer.descriptor) as file:
            result.append(file.read())
    return result


def blobs(layout: Path) -> set[str]:
    return {file.name for file in (layout / "blobs" / "sha256").iterdir()}


def index(layout: Path, *entries: dict[str, Any]) -> Path:
    (layout / "index.json").write_bytes(json_bytes({"manifests": list(entries)}))
    return layout


def test_a_layout_is_read_back_as_it_was_written(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    found, digest = read_layout(tmp_path / "out", "amd64", "linux")
    assert digest == made.digest == found.digest
    assert contents(found) == contents(made)


def test_the_image_in_a_layout_is_replaced_with_its_contents(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    before = blobs(tmp_path / "out")
    write_layout(image(tmp_path / "other"), tmp_path / "out")
    after = blobs(tmp_path / "out")
    assert len(after) == 6
    assert len(before & after) == 3  # python, venv and the application


@pytest.mark.parametrize("what", ["file", "strange", "several"])
def test_a_place_with_something_else_is_refused(made: Image, tmp_path: Path, what: str) -> None:
    out = tmp_path / "out"
    if what == "file":
        out.write_text("")
    else:
        write_layout(made, out)
    if what == "strange":
        (out / "notes").write_text("")
    if what == "several":
        index(out, {}, {})
    with pytest.raises(UserError, match="The image cannot be written") as caught:
        write_layout(made, out)
    assert caught.value.reference == "image-output"


def test_what_a_killed_write_leaves_is_no_image_and_is_replaced(made: Image, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_layout(made, out)
    (out / "index.json").unlink()
    (out / "blobs" / "sha256" / ".left").write_text("half")
    with pytest.raises(NoImageError):
        read_layout(out, "amd64", "linux")
    write_layout(made, out)
    assert read_layout(out, "amd64", "linux")[1] == made.digest
    assert ".left" not in blobs(out)


def test_a_damaged_file_in_a_layout_is_replaced(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    for digest in (made.digest, made.layers[0].descriptor.digest):
        BlobDirectory(tmp_path / "out" / "blobs").file(digest).write_bytes(b"")
    write_layout(made, tmp_path / "out")
    assert contents(read_layout(tmp_path / "out", "amd64", "linux")[0]) == contents(made)


def test_an_archive_is_read_back_as_it_was_written(made: Image, tmp_path: Path) -> None:
    write_archive_of(made, tmp_path / "app.tar", "app:latest")
    found, digest = read_archive(tmp_path / "app.tar", "amd64", "linux")
    assert digest == made.digest
    assert contents(found) == contents(made)


def test_equal_images_give_equal_archives(made: Image, tmp_path: Path) -> None:
    write_archive_of(made, tmp_path / "one.tar", "app:latest")
    write_archive_of(made, tmp_path / "two.tar", "app:latest")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_an_engine_finds_its_own_index_in_an_archive(made: Image, tmp_path: Path) -> None:
    write_archive_of(made, tmp_path / "app.tar", "app:latest")
    with tarfile.open(tmp_path / "app.tar") as archive:
        [described] = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
        assert described["RepoTags"] == ["app:latest"]
        for name in (described["Config"], *described["Layers"]):
            assert archive.getmember(name).isfile()


def docker_archive(made: Image, path: Path) -> None:
    """Write what ``docker save`` of an old engine writes: layers that are not compressed."""
    import gzip

    files = {f"layer-{number}.tar": gzip.decompress(content) for number, content in enumerate(contents(made))}
    described = [{"Config": "config.json", "RepoTags": None, "Layers": list(files)}]
    files |= {"config.json": made.configuration, "manifest.json": json.dumps(described).encode()}
    with tarfile.open(path, "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_what_docker_saves_is_read(made: Image, tmp_path: Path) -> None:
    docker_archive(made, tmp_path / "saved.tar")
    found, _ = read_archive(tmp_path / "saved.tar", "amd64", "linux")
    assert [layer.diff_id for layer in found.layers] == [layer.diff_id for layer in made.layers]
    assert [layer.descriptor.digest for layer in found.layers] == [layer.diff_id for layer in made.layers]
    assert found.config == made.config


def test_of_several_images_that_docker_saved_one_is_named(made: Image, tmp_path: Path) -> None:
    described = [
        {"Config": "config.json", "RepoTags": [tag], "Layers": []} for tag in ("app:latest", "team/app:2")
    ]
    config = config_with()
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name, content in {"config.json": config, "manifest.json": json_bytes(described)}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    for name in ("app", "app:latest", "team/app:2"):
        assert read_archive(tmp_path / "x.tar", "amd64", "linux", name)[0].layers == ()
    with pytest.raises(NoImageError, match="has 2 images, so one must be named: app:latest, team/app:2"):
        read_archive(tmp_path / "x.tar", "amd64", "linux")
    with pytest.raises(NoImageError, match="no image with the name other, only app, app:latest, team/app:2"):
        read_archive(tmp_path / "x.tar", "amd64", "linux", "other")


def test_an_image_in_a_layout_is_found_by_its_name(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out", name="v1")
    [first] = json.loads((tmp_path / "out" / "index.json").read_bytes())["manifests"]
    index(tmp_path / "out", first, {**first, "annotations": {}})
    assert read_layout(tmp_path / "out", "amd64", "linux", "v1")[1] == made.digest
    with pytest.raises(NoImageError, match="no image with the name v2, only v1"):
        read_layout(tmp_path / "out", "amd64", "linux", "v2")
    index(tmp_path / "out", {**first, "annotations": {}})
    with pytest.raises(NoImageError, match=r"^it has no image with the name v2$"):
        read_layout(tmp_path / "out", "amd64", "linux", "v2")


@pytest.mark.parametrize("content", [b"no archive", None])
def test_a_file_without_an_image_is_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.tar"
    if content is None:
        with tarfile.open(file, "w"):
            pass
    else:
        file.write_bytes(content)
    with pytest.raises(NoImageError):
        read_archive(file, "amd64", "linux")


def test_an_archive_without_a_content_is_no_image(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(tmp_path / "out" / "index.json", "index.json")
    with pytest.raises(NoImageError, match="has no sha256"):
        read_archive(tmp_path / "x.tar", "amd64", "linux")


def nested(made: Image, out: Path, architecture: str = "amd64") -> Path:
    """Write *made* behind an index with platforms, as ``docker buildx`` does."""
    write_layout(made, out)
    platform = {"architecture": architecture, "os": "linux"}
    inner = json_bytes({"manifests": [{**made.descriptor.document, "platform": platform}]})
    descriptor = Descriptor.of(INDEX, inner)
    (out / "blobs" / descriptor.digest.replace(":", "/")).write_bytes(inner)
    return index(out, descriptor.document)


def test_of_several_platforms_the_right_one_is_taken(made: Image, tmp_path: Path) -> None:
    assert read_layout(nested(made, tmp_path / "out"), "amd64", "linux")[1] == made.digest
    with pytest.raises(NoImageError, match="there is no image for linux/arm64, only for linux/amd64"):
        read_layout(tmp_path / "out", "arm64", "linux")


def test_an_index_is_followed_in_an_archive_too(made: Image, tmp_path: Path) -> None:
    nested(made, tmp_path / "out")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name in ("index.json", "blobs"):
            archive.add(tmp_path / "out" / name, f"./{name}")
    assert read_archive(tmp_path / "x.tar", "amd64", "linux")[1] == made.digest


def test_a_damaged_content_is_noticed(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    manifest = tmp_path / "out" / "blobs" / made.digest.replace(":", "/")
    manifest.write_bytes(manifest.read_bytes().replace(b"sha256", b"sha512", 1))
    with pytest.raises(NoImageError, match="has another content"):
        read_layout(tmp_path / "out", "amd64", "linux")


def config_with(**changes: Any) -> bytes:
    return json_bytes({"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": []}, **changes})


def layout_of(out: Path, manifest: dict[str, Any], config: bytes) -> Path:
    blobs = out / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    described = Descriptor.of("application/json", config)
    (blobs / described.digest.partition(":")[2]).write_bytes(config)
    content = json_bytes({"config": described.document, "layers": [], **manifest})
    found = Descriptor.of(MANIFEST, content)
    (blobs / found.digest.partition(":")[2]).write_bytes(content)
    return index(out, found.document)


LAYER: dict[str, Any] = {"digest": "sha256:" + "1" * 64, "size": 1}


@pytest.mark.parametrize(
    ("manifest", "config", "problem"),
    [
        ({"layers": [{**LAYER, "mediaType": "foreign"}]}, {}, "not supported: foreign"),
        (
            {"layers": [{**LAYER, "mediaType": "application/vnd.oci.image.layer.v1.tar"}]},
            {},
            "1 layers, but 0 digests",
        ),
        ({"layers": [{"digest": "x"}]}, {}, "not a descriptor"),
        ({"layers": [{**LAYER, "mediaType": "x", "digest": "md5:1"}]}, {}, "not a SHA-256 digest"),
        ({}, {"rootfs": None}, "damaged"),
        ({"config": {**LAYER, "mediaType": "x", "size": 1 << 30}}, {}, "too large"),
    ],
)
def test_an_image_that_is_damaged_or_of_another_kind_is_none(
    tmp_path: Path, manifest: dict[str, Any], config: dict[str, Any], problem: str
) -> None:
    out = layout_of(tmp_path / "out", manifest, config_with(**config))
    with pytest.raises(NoImageError, match=problem):
        read_layout(out, "amd64", "linux")


def test_an_empty_index_has_no_image(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(NoImageError, match="there are 0 images"):
        read_layout(index(tmp_path / "out"), "amd64", "linux")


def test_history_is_optional_and_empty_steps_are_no_layers(tmp_path: Path) -> None:
    layer = {**LAYER, "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip"}
    config = config_with(rootfs={"diff_ids": ["sha256:" + "2" * 64]}, history=[{"empty_layer": True}])
    found, _ = read_layout(layout_of(tmp_path / "out", {"layers": [layer]}, config), "amd64", "linux")
    [read] = found.layers
    assert read.history == {"created_by": ""}
    assert read.descriptor.media_type == "application/vnd.oci.image.layer.v1.tar+gzip"


def test_a_base_is_a_layout_or_an_archive(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    write_archive_of(made, tmp_path / "app.tar", "app:latest")
    for name in (f"oci:{tmp_path}/out", f"{tmp_path}/app.tar", f"oci-archive:{tmp_path}/app.tar"):
        assert find_base(name, TARGET, NONE).image.digest == made.digest
    assert find_base("", TARGET, NONE).image.layers == ()


def test_a_base_that_is_none_or_for_another_architecture_is_refused(made: Image, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be used as the base image"):
        find_base(f"oci:{tmp_path}", TARGET, NONE)
    with pytest.raises(UserError, match="is not the name of an image"):
        find_base("Debian", TARGET, NONE)
    write_layout(made, tmp_path / "out")
    with pytest.raises(UserError, match="for another architecture") as caught:
        find_base(f"oci:{tmp_path}/out", TARGET._replace(arch="arm64"), NONE)
    assert caught.value.cause == "It is for amd64, and this machine builds for arm64."


@pytest.mark.parametrize(("application", "name"), [("My App", "my-app:latest"), ("日本", "app:latest")])
def test_the_name_of_an_image_is_one_that_engines_allow(application: str, name: str) -> None:
    assert image_name(application) == name


def test_a_base_for_a_variant_says_so(tmp_path: Path) -> None:
    assert (
        find_base("", TARGET._replace(arch="arm", arch_variant="v7"), NONE).image.platform["variant"] == "v7"
    )


def test_a_base_that_is_not_there_is_an_error_without_the_number_of_its_cause(tmp_path: Path) -> None:
    with pytest.raises(NoImageError, match=r"^it cannot be read: No such file or directory$"):
        read_archive(tmp_path / "absent.tar", "amd64", "linux")
    with pytest.raises(
        NoImageError, match=r"^it is not a directory in OCI layout: No such file or directory$"
    ):
        read_layout(tmp_path / "absent", "amd64", "linux")


def attached(made: Image) -> tuple[Artifact, ...]:
    documents = (Document(media_type=kind, content=kind.encode(), title="sbom") for kind in (CYCLONEDX, SPDX))
    return tuple(Artifact(document=each, subject=made.descriptor) for each in documents)


def test_documents_are_further_manifests_in_the_index_of_a_layout(made: Image, tmp_path: Path) -> None:
    artifacts = attached(made)
    write_layout(made, tmp_path / "out", artifacts)
    first, *others = json.loads((tmp_path / "out" / "index.json").read_bytes())["manifests"]
    assert first["annotations"] == {"org.opencontainers.image.ref.name": "latest"}
    assert others == [each.entry for each in artifacts]
    manifest = BlobDirectory(tmp_path / "out" / "blobs").file(artifacts[0].digest)
    assert json.loads(manifest.read_bytes())["subject"]["digest"] == made.digest
    assert read_layout(tmp_path / "out", "amd64", "linux")[1] == made.digest
    found = attached_in_layout(tmp_path / "out", made.digest)
    assert [(entry, manifest) for entry, manifest, _ in found] == [
        (each.entry, each.manifest) for each in artifacts
    ]
    assert attached_in_layout(tmp_path / "out", f"sha256:{'0' * 64}") == []


def test_a_layout_with_documents_is_replaced_and_keeps_none_of_them(made: Image, tmp_path: Path) -> None:
    write_layout(made, tmp_path / "out")
    before = blobs(tmp_path / "out")
    write_layout(made, tmp_path / "out", attached(made))
    assert len(blobs(tmp_path / "out")) == len(before) + 5
    write_layout(made, tmp_path / "out")
    assert blobs(tmp_path / "out") == before


def test_documents_are_written_as_files(made: Image, tmp_path: Path) -> None:
    documents = [Document(media_type=SPDX, content=b"1", title="sbom.spdx.json")]
    write_documents(tmp_path / "new" / "documents", documents)
    assert (tmp_path / "new" / "documents" / "sbom.spdx.json").read_bytes() == b"1"
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="The documents cannot be written to ") as caught:
        check_documents(tmp_path / "file")
    assert caught.value.reference == "image-output"
