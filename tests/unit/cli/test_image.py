"""What ``layerwright image`` prints and writes."""

from __future__ import annotations

import base64
import io
import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.phase import build
from layerwright.cli.images import build as build_command
from layerwright.cli.parser import parse
from layerwright.errors import LayerwrightError, SiteError, UserError
from layerwright.files.trees import zstd
from layerwright.image.blobs import BlobDirectory
from layerwright.image.descriptor import DOCKER_MANIFEST, Descriptor, json_bytes
from layerwright.image.launch import proof
from layerwright.image.output.layout import read_layout, write_layout
from layerwright.image.registry import client
from layerwright.local.cache.entries import Sizes
from layerwright.local.cache.images import ImageContents
from layerwright.local.platform import LocalPlatform
from layerwright.output.log import Log
from tests.fixtures.registry import served_registry
from tests.unit.image.samples import DEBIAN, base
from tests.unit.image.signing.keys import COSIGN, PASSWORD
from tests.unit.small import small_request, write_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.build.phase import Built
    from layerwright.image.compose import ImageRequest
    from layerwright.process.runner import Runner


class Site:
    """An application that is built with an interpreter that is a script."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.errors: list[LayerwrightError] = []
        self.environment = {"LAYERWRIGHT_CACHE_DIR": str(root / "cache")}
        self.providers: list[tuple[str, ...]] = []
        self.retries: list[bool] = []
        self.variables: list[Mapping[str, str]] = []
        self.proved: list[str] = []
        self.unprovable = ""
        write_lock(root / "app", "acme")

        def build_small(platform: LocalPlatform, log: Log, **_options: object) -> Built:
            self.providers.append(platform._surroundings.providers)
            self.retries.append(platform._surroundings.retries)
            self.variables.append(platform._environment)
            if self.errors:
                raise self.errors.pop()
            platform.layers.parent.mkdir(parents=True, exist_ok=True)
            if not platform.layers.exists():
                (root / "layers").mkdir(exist_ok=True)
                platform.layers.symlink_to(root / "layers")
            return build(small_request(root), log)

        def prove(request: ImageRequest, *, runner: Runner, temporary: Path) -> str:
            assert list(temporary.iterdir()) == []
            assert dict(runner.env) == {}
            self.proved.append(request.application)
            return self.unprovable

        monkeypatch.setattr(LocalPlatform, "build", build_small)
        # The interpreter is no program that starts.
        monkeypatch.setattr(proof, "prove_start", prove)

    def image(self, *options: str) -> str:
        stream = io.StringIO()
        arguments = parse(["image", str(self.root / "app"), *options])
        try:
            assert arguments.run(arguments, Log(stream, stream), self.environment) == 0
        finally:
            self.said = stream.getvalue()
        return self.said


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


def test_the_end_of_the_log_has_the_layers_and_the_digest(site: Site) -> None:
    said = site.image("--output", f"oci:{site.root}/out").partition("\nImage\n")[2]
    index = json.loads((site.root / "out" / "index.json").read_bytes())
    digest = index["manifests"][0]["digest"]
    assert [line.split()[0] for line in said.splitlines()[1:6]] == [
        "python",
        "absent-tools",
        "venv",
        "Programs",
        "Application",
    ]
    assert "Warning: This image has no base" in said
    assert said.endswith(f"  oci:{site.root}/out: {digest}\n")


def test_the_start_at_the_path_in_the_image_is_tried_when_a_layer_of_the_build_was_made(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = {name: f"sha256:{name}" for name in ("python", "absent-tools", "venv")}
    monkeypatch.setattr(LocalPlatform, "digests", lambda _platform: digests)
    site.image()
    assert site.proved == ["/workspace"]
    (site.root / "app" / "new.txt").write_text("new")
    site.image()
    assert site.proved == ["/workspace"]


def test_the_log_says_in_detail_why_the_start_could_not_be_tried(site: Site) -> None:
    site.unprovable = "unshare: Operation not permitted"
    said = site.image("-v")
    words = "The interpreter is not started at its path in the image, which this machine forbids: unshare: Operation"
    assert words in " ".join(said.split())


def test_modules_have_bytecode_in_a_layer_above_them(site: Site) -> None:
    first = site.image()
    assert "bytecode" not in first
    (site.root / "app" / "app.py").touch()
    assert "\n  Application: bytecode " in site.image()


def test_modules_that_do_not_compile_are_named(site: Site) -> None:
    (site.root / "app" / "old.py").write_text("print 'hello'\n")
    assert "\nModules of the application\n  Not valid in Python " in site.image()
    assert ", so without bytecode: old.py\n" in site.said


def test_an_image_is_pushed_and_the_end_of_the_log_says_what_was_sent(site: Site) -> None:
    with served_registry() as registry:
        name = f"{registry.address}/team/app:1"
        said = site.image("--push", name)
        assert f"  {name}: sha256:" in said
        assert " in 6 parts; 0 were there.\n" in said
        assert "  Nothing sent: the registry had everything.\n" in site.image("--push", name)


def test_documents_are_attached_in_a_registry_and_sent_once(site: Site) -> None:
    with served_registry() as registry:
        name = f"{registry.address}/team/app:1"
        said = site.image("--push", name)
        digest = site.image("--digest").strip()
        attached = registry.artifacts("team/app", digest)
        assert {entry["artifactType"] for entry in attached} == {
            "application/vnd.cyclonedx+json",
            "application/spdx+json",
            "application/vnd.in-toto+json",
        }
        tag = digest.replace(":", "-")
        assert f"  Attached 3 documents. The registry keeps no list of them; the tag {tag} does.\n" in said
        registry.requests.clear()
        assert "Attached" not in site.image("--push", name)
        assert registry.requests == ["HEAD /v2/team/app/manifests/1"]


def test_nothing_is_attached_if_that_is_said(site: Site) -> None:
    with served_registry() as registry:
        name = f"{registry.address}/team/app:1"
        site.image("--push", name, "--no-attach")
        site.environment["LAYERWRIGHT_IMAGE_ATTACH"] = "never"
        site.image("--push", name)
        digest = site.image("--digest").strip()
        assert registry.artifacts("team/app", digest) == []
        site.image("--push", name, "--attach")
        assert len(registry.artifacts("team/app", digest)) == 3


def test_documents_are_attached_in_a_layout_where_that_is_said(site: Site) -> None:
    def entries() -> list[dict[str, Any]]:
        index: dict[str, Any] = json.loads((site.root / "out" / "index.json").read_bytes())
        return list(index["manifests"])

    site.image("--output", f"oci:{site.root}/out")
    assert len(entries()) == 1
    site.image("--output", f"oci:{site.root}/out", "--attach")
    assert [entry.get("artifactType") for entry in entries()] == [
        None,
        "application/vnd.cyclonedx+json",
        "application/spdx+json",
        "application/vnd.in-toto+json",
    ]


def test_documents_are_files_beside_any_image_and_no_part_of_it(site: Site) -> None:
    digest = site.image("--digest")
    directory = site.root / "app" / "documents"
    site.image("--documents", str(directory))
    bom = json.loads((directory / "sbom.cdx.json").read_bytes())
    assert {one["name"] for one in bom["components"]} >= {"acme", "python"}
    assert json.loads((directory / "sbom.spdx.json").read_bytes())["spdxVersion"] == "SPDX-2.3"
    assert site.image("--digest", "--documents", str(directory)) == digest
    with pytest.raises(UserError, match="The documents cannot be written to"):
        site.image("--documents", str(directory / "sbom.cdx.json"))


def test_a_registry_that_refuses_documents_is_a_warning(site: Site) -> None:
    with served_registry() as registry:

        def refuse(handler: Any) -> bool:
            return (
                handler.command == "PUT"
                and "/manifests/sha256:" in handler.path
                and not handler.answer(400, b'{"errors": [{"code": "MANIFEST_INVALID", "message": "no"}]}')
            )

        registry.faults.append(refuse)
        said = site.image("--push", f"{registry.address}/team/app:1")
        assert "Warning: The documents about the image are not attached to it." in said
        assert "It answered 400 Bad Request (MANIFEST_INVALID: no)." in said
        assert ("team/app", "1") in registry.manifests


def test_layers_of_a_base_in_the_same_registry_are_mounted(site: Site) -> None:
    with served_registry() as registry:
        write_layout(base(DEBIAN)[0], site.root / "base")
        site.image("--base", f"oci:{site.root}/base", "--push", f"{registry.address}/base:1")
        said = site.image("--base", f"{registry.address}/base:1", "--push", f"{registry.address}/app:1")
        assert ", 6 mounted from another repository; 0 were there." in said
    found = ImageContents().find(site.root / "cache", Sizes())
    assert {entry.name.split()[0] for entry in found.entries} == {"layer", "base", "records:"}
    assert found.unknown == []


def test_modules_that_a_base_has_no_libraries_for_are_a_warning(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_layout(base(DEBIAN)[0], site.root / "base")
    assert "cannot be imported" not in site.image("--base", f"oci:{site.root}/base")
    monkeypatch.setattr(build_command, "check_base", lambda *_arguments: "no ctypes")
    assert "  Warning: no ctypes\n" in site.image("--base", f"oci:{site.root}/base")


@pytest.mark.parametrize("layer", [{"usr/bin/sh": b""}, {"usr/lib/ld-musl-x86_64.so.1": b""}])
def test_a_base_that_does_not_fit_is_refused(site: Site, layer: dict[str, bytes | str]) -> None:
    write_layout(base(layer)[0], site.root / "base")
    with pytest.raises(UserError, match="cannot run on the base image") as caught:
        site.image("--base", f"oci:{site.root}/base")
    assert caught.value.reference.startswith("base-")


def test_a_base_whose_layers_cannot_be_read_is_used_with_a_warning(site: Site) -> None:
    made, _ = base({})
    [layer] = made.layers
    descriptor = layer.descriptor._replace(media_type="application/vnd.oci.image.layer.v1.tar")
    write_layout(replace(made, layers=(replace(layer, descriptor=descriptor),)), site.root / "base")
    said = site.image("--base", f"oci:{site.root}/base")
    assert "Warning: It is not checked whether the application can run on the base image" in said


@pytest.mark.parametrize("form", ["oci:", "oci-archive:"])
def test_a_base_that_was_damaged_after_it_was_read_is_not_written(site: Site, form: str) -> None:
    made, _ = base(DEBIAN)
    write_layout(made, site.root / "base")
    based = ("--base", f"oci:{site.root}/base")
    site.image(*based)
    BlobDirectory(site.root / "base" / "blobs").file(made.layers[0].descriptor.digest).write_bytes(b"other")
    with pytest.raises(SiteError, match=r"The image is damaged\.") as caught:
        site.image(*based, "--output", f"{form}{site.root}/out")
    assert caught.value.reference == "damaged-image"
    assert "has another content: 5 of " in caught.value.cause
    assert not (site.root / "out" / "index.json").exists()
    assert not (site.root / "out").is_file()


def test_a_file_is_written_for_an_engine(site: Site) -> None:
    assert f"  {site.root}/app.tar: sha256:" in site.image("--output", f"{site.root}/app.tar")
    assert (site.root / "app.tar").exists()


def test_the_digest_alone_is_printed_and_the_same_each_time(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    first = site.image("--digest")
    assert first.startswith("sha256:")
    assert first.count("\n") == 1
    assert "Virtual environment" in capsys.readouterr().err
    assert site.image("--digest", "--quiet") == first


def test_the_base_is_that_of_the_option_else_that_of_the_configuration(site: Site) -> None:
    write_layout(base(DEBIAN)[0], site.root / "base")
    write_layout(base(DEBIAN, {})[0], site.root / "other-base")
    site.environment["LAYERWRIGHT_IMAGE_BASE"] = f"oci:{site.root}/base"
    configured = site.image("--digest")
    assert "no base" not in site.image()
    assert site.image("--digest", "--base", f"oci:{site.root}/other-base") != configured


def test_an_archive_that_cannot_be_downloaded_is_replaced_by_this_machines_interpreter_with_a_warning(
    site: Site,
) -> None:
    site.errors = [SiteError("No network.", reference="download-failed")]
    said = site.image()
    assert "The archive of Python cannot be downloaded" in said
    assert site.providers == [("standalone",), ("system",)]


def test_after_an_archive_could_not_be_downloaded_it_is_tried_once_until_that_works(site: Site) -> None:
    for _ in range(2):
        site.errors = [SiteError("No network.", reference="download-failed")]
        site.image()
    # With this machine's interpreter in between.
    assert site.retries[::2] == [True, False]
    for _ in range(2):
        site.image()
    assert site.retries[4:] == [False, True]


@pytest.mark.parametrize("provider", ["standalone", "auto"])
def test_another_error_or_a_configured_provider_ends_the_command(site: Site, provider: str) -> None:
    site.environment["LAYERWRIGHT_PYTHON_PROVIDER"] = provider
    reference = "download-failed" if provider == "standalone" else "disk-full"
    site.errors = [SiteError("No.", reference=reference)]
    with pytest.raises(SiteError):
        site.image()
    assert site.providers == [("standalone",)]


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("out", "It is neither oci:DIRECTORY nor"),
        ("docker:app", "It is neither oci:DIRECTORY nor"),
        ("", "It is neither oci:DIRECTORY nor"),
        ("./app", "It is neither oci:DIRECTORY nor"),
        ("app.tar.gz", "It is neither oci:DIRECTORY nor"),
        ("oci:{root}/app", "It contains small.lock, which is not part of an OCI layout."),
        ("oci:{root}/file", "It is a file."),
        ("oci:{root}/file/out", "/file is not a directory."),
        ("{root}/directory.tar", "It is a directory."),
        ("{root}/file/app.tar", "/file is not a directory."),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_anything_is_built(
    site: Site, output: str, cause: str
) -> None:
    (site.root / "file").touch()
    (site.root / "directory.tar").mkdir()
    with pytest.raises(UserError) as caught:
        site.image("--output", output.format(root=site.root))
    assert caught.value.reference == "image-output"
    assert cause in caught.value.cause
    assert site.providers == []


def test_the_name_of_a_registry_as_an_output_is_an_error_that_says_which_option_is_meant(site: Site) -> None:
    with pytest.raises(UserError) as caught:
        site.image("--output", "registry.example.com/app:1")
    assert caught.value.remedy[0].endswith("--push registry.example.com/app:1")


def test_an_archive_in_oci_layout_gets_zstd_and_the_name_that_was_given(site: Site) -> None:
    said = site.image("--output", f"oci-archive:{site.root}/image:v1")
    assert "compressed with gzip" not in said
    assert f"  oci-archive:{site.root}/image:v1: sha256:" in said
    with tarfile.open(site.root / "image") as archive:
        [entry] = json.load(archive.extractfile("index.json"))["manifests"]  # type: ignore[arg-type]
    assert entry["annotations"]["org.opencontainers.image.ref.name"] == "v1"


@pytest.mark.parametrize(
    ("given", "tag", "name"),
    [
        ("app", "app:latest", "docker.io/library/app:latest"),
        ("localhost:5000/team/app:2", "localhost:5000/team/app:2", "localhost:5000/team/app:2"),
    ],
)
def test_an_archive_for_engines_gets_the_name_that_was_given(
    site: Site, given: str, tag: str, name: str
) -> None:
    assert "compressed with gzip" in site.image("--output", f"docker-archive:{site.root}/app.tar:{given}")
    with tarfile.open(site.root / "app.tar") as archive:
        [described] = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
        [entry] = json.load(archive.extractfile("index.json"))["manifests"]  # type: ignore[arg-type]
    assert described["RepoTags"] == [tag]
    assert entry["annotations"] == {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": tag.rpartition(":")[2],
    }


def test_an_output_without_permission_is_refused_before_anything_is_built(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(UserError) as caught:
        site.image("--output", f"oci:{site.root}/new/out")
    assert caught.value.cause == f"This user may not write into {site.root}."
    assert site.providers == []


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("", "An empty text is not the name of an image"),
        ("registry.example.com/Team", "is not the name of an image"),
        ("oci:image", "cannot be pushed to oci:image"),
        ("./image", "cannot be pushed to ./image"),
        ("docker-daemon:app:1", "is at a place that is not supported"),
        (f"registry.example.com/app@sha256:{'0' * 64}", "cannot be pushed to"),
    ],
)
def test_a_name_that_cannot_be_pushed_to_is_refused_before_anything_is_built(
    site: Site, name: str, summary: str
) -> None:
    with pytest.raises(UserError, match=summary) as caught:
        site.image("--push", name)
    assert caught.value.reference == "image-name"
    assert site.providers == []


def test_a_login_that_a_registry_refuses_is_found_before_anything_is_built(site: Site) -> None:
    auth = base64.b64encode(b"me:a wrong password").decode()
    with served_registry() as registry:
        registry.login = "basic"
        file = site.root / "config.json"
        file.write_text(json.dumps({"auths": {registry.address: {"auth": auth}}}))
        site.environment["REGISTRY_AUTH_FILE"] = str(file)
        with pytest.raises(SiteError, match="refuses access to app") as caught:
            site.image("--push", f"{registry.address}/app:1")
    assert caught.value.cause.endswith(f"found, and is refused: the user me, from {file}.")
    assert site.providers == []


def test_a_registry_is_asked_for_the_tag_once(site: Site) -> None:
    with served_registry() as registry:
        site.image("--push", f"{registry.address}/app:1")
        assert registry.count("HEAD", "/manifests/1") == 1


def test_attempts_after_a_failure_are_in_the_log(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        client.Site.__init__, "__kwdefaults__", {**client.Site.__init__.__kwdefaults__, "delays": (0.0,)}
    )

    def busy(handler: Any) -> bool:
        handler.answer(503)
        return True

    with served_registry() as registry:
        registry.faults.append(busy)
        said = site.image("--push", f"{registry.address}/app:1")
    assert (
        f"Warning: The registry {registry.address} does not answer as it should:"
        " It answered 503 Service Unavailable. Trying again in 0 s (attempt 2 of 2).\n"
    ) in said


def test_a_compression_that_this_python_lacks_is_found_before_anything_is_built(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zstd, "MODULES", ())
    with pytest.raises(UserError) as caught:
        site.image()
    assert caught.value.reference == "zstd-missing"
    assert site.providers == []
    site.image("--compression", "gzip")


def suffixes(layout: Path) -> set[str]:
    """Return the ends of the media types of the layers in *layout*, except that of the base."""
    made, _ = read_layout(layout, "amd64", "linux")
    return {layer.descriptor.media_type.rpartition("+")[2] for layer in made.layers if layer.history}


def test_layers_are_compressed_with_zstd_unless_something_else_is_asked_for(site: Site) -> None:
    output = ("--output", f"oci:{site.root}/out")
    assert "compressed with gzip" not in site.image(*output)
    assert suffixes(site.root / "out") == {"zstd"}
    site.environment["LAYERWRIGHT_IMAGE_COMPRESSION"] = "gzip"
    assert "compressed with gzip" not in site.image(*output)
    assert suffixes(site.root / "out") == {"gzip"}
    site.image(*output, "--compression", "auto")
    assert suffixes(site.root / "out") == {"zstd"}


def test_a_base_of_docker_and_an_archive_get_gzip_and_the_log_says_why(site: Site) -> None:
    made, _contents = base(DEBIAN)
    write_layout(made, site.root / "base")
    docker = json_bytes({**json.loads(made.manifest), "mediaType": DOCKER_MANIFEST})
    found = Descriptor.of(DOCKER_MANIFEST, docker)
    BlobDirectory(site.root / "base" / "blobs").put(docker, found.digest)
    (site.root / "base" / "index.json").write_bytes(json_bytes({"manifests": [found.document]}))
    said = site.image("--base", f"oci:{site.root}/base", "--output", f"oci:{site.root}/out")
    assert "  Layers are compressed with gzip, because the base image is in Docker's own format" in said
    assert suffixes(site.root / "out") == {"gzip"}
    said = site.image("--output", f"{site.root}/app.tar")
    assert "  Layers are compressed with gzip, because older releases of docker load no zstd.\n" in said


def test_a_registry_that_refuses_zstd_gets_gzip_and_is_remembered(site: Site) -> None:
    with served_registry() as registry:
        registry.takes_zstd = False
        name = f"{registry.address}/app:1"
        said = site.image("--push", name, "--output", f"oci:{site.root}/out")
        assert (
            f"Warning: {registry.address} refuses the image with zstd: It answered 400 Bad Request"
            " (MANIFEST_INVALID: zstd?). It gets gzip, now and from now on.\n"
        ) in said
        assert suffixes(site.root / "out") == {"gzip"}
        again = site.image("--push", name)
        assert "  Nothing sent: the registry had everything.\n" in again
        assert f"gzip, because {registry.address} has refused an image with zstd before.\n" in again


def test_zstd_that_the_user_chose_is_not_replaced(site: Site) -> None:
    with served_registry() as registry:
        registry.takes_zstd = False
        with pytest.raises(SiteError, match="refuses") as caught:
            site.image("--push", f"{registry.address}/app:1", "--compression", "zstd")
        assert caught.value.remedy[-1] == "If it takes no layers with zstd: --compression gzip"
        assert ("app", "1") not in registry.manifests


def test_a_registry_that_refuses_gzip_too_is_an_error_and_is_not_remembered(site: Site) -> None:
    def refuse(handler: Any) -> bool:
        if handler.command != "PUT" or not handler.path.endswith("/manifests/1"):
            return False
        handler.answer(400)
        return True

    with served_registry() as registry:
        registry.faults += [refuse, refuse]
        with pytest.raises(SiteError, match="refuses") as caught:
            site.image("--push", f"{registry.address}/app:1")
        assert "zstd" not in "".join(caught.value.remedy)
        assert "compressed with gzip" not in site.image("--push", f"{registry.address}/app:1")


def test_the_output_is_not_part_of_the_application(site: Site) -> None:
    first = site.image("--digest", "--output", f"oci:{site.root}/app/out")
    assert site.image("--digest", "--output", f"oci:{site.root}/app/out") == first


@pytest.mark.parametrize(
    ("variable", "value", "problem"),
    [
        ("PLAIN_HTTP", "http://registry.local:5000", "must be the address of a registry"),
        ("MIRRORS", '["docker.io"]', "must be REGISTRY=MIRROR"),
        ("OWNER", "me", "must be the numbers of a user and a group"),
        ("LABELS", '["a"]', "must be NAME=VALUE"),
        ("PORTS", '["http"]', "must be a port such as 8000"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_it(
    site: Site, variable: str, value: str, problem: str
) -> None:
    site.environment[f"LAYERWRIGHT_IMAGE_{variable}"] = value
    with pytest.raises(LayerwrightError) as caught:
        site.image()
    assert f"LAYERWRIGHT_IMAGE_{variable}" in caught.value.cause
    assert problem in caught.value.cause


def test_settings_of_the_expected_forms_are_used_with_a_configured_provider(site: Site) -> None:
    values = {
        "IMAGE_PLAIN_HTTP": "registry.local:5000",
        "IMAGE_LABELS": "team=acme",
        "IMAGE_OWNER": "1000:1000",
        "IMAGE_PORTS": "8000/udp",
        "IMAGE_MIRRORS": "docker.io=mirror.example.com",
        "PYTHON_PROVIDER": "standalone",
    }
    site.environment |= {f"LAYERWRIGHT_{name}": value for name, value in values.items()}
    site.image("--output", f"oci:{site.root}/out")
    made, _ = read_layout(site.root / "out", "amd64", "linux")
    assert made.config["Labels"]["team"] == "acme"
    assert made.config["ExposedPorts"] == {"8000/udp": {}}
    assert site.providers == [("standalone",)]


def test_the_image_of_a_directory_in_a_tree_starts_there(site: Site) -> None:
    write_lock(site.root / "app" / "api", "acme")
    site.image("--app", "api", "--output", f"oci:{site.root}/out")
    blobs = site.root / "out" / "blobs" / "sha256"
    assert any(b'"WorkingDir":"/workspace/api"' in Path(blob).read_bytes() for blob in blobs.iterdir())


def test_the_provenance_names_what_was_built_and_its_documents(site: Site) -> None:
    directory = site.root / "documents"
    said = site.image("--documents", str(directory), "--digest")
    statement = json.loads((directory / "provenance.json").read_bytes())
    assert [each["digest"]["sha256"] for each in statement["subject"]] == [said.strip()[7:]]
    found = statement["predicate"]["buildDefinition"]
    assert "acme 1" in [one["name"] for one in found["resolvedDependencies"]]
    assert found["internalParameters"]["packageManager"] == "small"
    first = (directory / "provenance.json").read_bytes()
    site.image("--documents", str(directory))
    assert (directory / "provenance.json").read_bytes() == first


def test_a_key_signs_the_image_and_its_provenance_and_is_no_part_of_the_image(site: Site) -> None:
    key = site.root / "app" / "cosign.key"
    unsigned = site.image("--digest")
    key.write_text(COSIGN)
    site.environment["COSIGN_PASSWORD"] = PASSWORD
    with served_registry() as registry:
        name = f"{registry.address}/team/app:1"
        said = site.image("--push", name, "--key", str(key), "--documents", str(site.root / "documents"))
        digest = unsigned.strip()
        attached = registry.artifacts("team/app", digest)
        assert len(attached) == 5
        bundles = [one for one in attached if "sigstore" in one["artifactType"]]
        assert {one["annotations"]["dev.sigstore.bundle.predicateType"] for one in bundles} == {
            "https://slsa.dev/provenance/v1",
            "https://sigstore.dev/cosign/sign/v1",
        }
        assert PASSWORD not in said
        registry.requests.clear()
        site.environment["LAYERWRIGHT_IMAGE_KEY"] = str(key)
        site.image("--push", name)
        assert registry.requests == ["HEAD /v2/team/app/manifests/1"]
    text = (site.root / "documents" / "provenance.json").read_text()
    assert "cosign.key" not in text
    assert site.variables[-1].get("COSIGN_PASSWORD") is None


def test_a_signature_needs_a_place(site: Site) -> None:
    (site.root / "cosign.key").write_text(COSIGN)
    for options in ((), ("--output", f"oci:{site.root}/out"), ("--push", "localhost/app", "--no-attach")):
        with pytest.raises(UserError, match=r"The signature would be nowhere\.") as caught:
            site.image("--key", str(site.root / "cosign.key"), *options)
        assert caught.value.reference == "signature-nowhere"


def test_a_configured_key_is_read_only_where_something_is_signed(site: Site) -> None:
    site.environment["LAYERWRIGHT_IMAGE_KEY"] = str(site.root / "absent.key")
    site.image("--digest")
    with pytest.raises(UserError, match="cannot sign"):
        site.image("--documents", str(site.root / "documents"))


def test_documents_cannot_be_attached_to_an_image_in_a_file(site: Site) -> None:
    with pytest.raises(UserError, match=r"Nothing can be attached to the image\.") as caught:
        site.image("--attach", "--output", f"{site.root}/app.tar")
    assert caught.value.reference == "attachment-nowhere"


def test_a_registry_that_refuses_signatures_gets_no_image(site: Site) -> None:
    (site.root / "cosign.key").write_text(COSIGN)
    site.environment["COSIGN_PASSWORD"] = PASSWORD
    with served_registry() as registry:
        registry.faults.append(
            lambda handler: (
                handler.command == "PUT" and "/manifests/sha256:" in handler.path and not handler.answer(400)
            )
        )
        with pytest.raises(SiteError) as caught:
            site.image("--push", f"{registry.address}/app:1", "--key", str(site.root / "cosign.key"))
        assert caught.value.reference == "registry-refused"
        assert ("app", "1") not in registry.manifests
