"""``layerwright inspect`` and ``layerwright patch``, on images in layouts, files and a registry."""

from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.bom.component import Bom, Component
from layerwright.cli.images import patch
from layerwright.cli.parser import parse
from layerwright.errors import SiteError, UserError
from layerwright.image.attached.artifact import SIGSTORE_BUNDLE, Artifact, Document
from layerwright.image.attached.bills import bills
from layerwright.image.attached.publish import push_with
from layerwright.image.base.image import BaseImage
from layerwright.image.blobs import BlobDirectory
from layerwright.image.descriptor import digest_of
from layerwright.image.output.archive import write_archive_of
from layerwright.image.output.archived import read_archive
from layerwright.image.output.layout import read_layout, write_layout
from layerwright.image.output.naming import Names, names_at
from layerwright.image.patching import python_of
from layerwright.image.places import Form, Place
from layerwright.image.provenance.patching import Patched, patched_bom
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site as ClientSite
from layerwright.image.registry.registries import Registries
from layerwright.image.settings import DEFAULT_OWNER
from layerwright.local.cache.entries import Sizes
from layerwright.local.cache.images import ImageContents
from layerwright.output.log import Log
from layerwright.pythons.provider import Candidate
from tests.fixtures.registry import served_registry
from tests.unit.image.samples import DEBIAN, WEB, base, image
from tests.unit.image.signing.keys import new_key, pem
from tests.unit.small import SmallPython

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.fixtures.registry import FakeRegistry


class Newer(SmallPython):
    """Provides the next patch release."""

    def candidates(self, wanted: object = None) -> Sequence[Candidate]:
        return [Candidate(version="3.13.1", provider=self.name, origin="/small", inputs={})]


class Site:
    """Images in directories."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.image = image(root / "made", WEB, base=BaseImage(base(DEBIAN)[0], "debian:1", "sha256:1"))
        write_layout(self.image, root / "image")
        self.name = f"oci:{root}/image"

    def run(self, *arguments: str) -> str:
        stream = io.StringIO()
        parsed = parse(arguments)
        environment = {"LAYERWRIGHT_CACHE_DIR": str(self.root / "cache"), "HOME": str(self.root)}
        assert parsed.run(parsed, Log(stream, stream), environment) == 0
        return stream.getvalue()

    def python(self, name: str) -> str:
        return python_of(read_layout(self.root / name, "amd64", "linux")[0], name)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(patch, "providers", lambda *_arguments: (Newer(),))
    return Site(tmp_path)


def test_an_image_is_shown(site: Site) -> None:
    said = site.run("inspect", site.name)
    assert "  python " in said
    assert "  web: serve app:main --port 80\n" in said
    assert "  acme-web 1.0\n" in said
    assert said.endswith(f"  on debian:1\n  {site.image.digest}\n")
    assert json.loads(site.run("inspect", site.name, "--json"))["digest"] == site.image.digest


def test_differences_are_shown(site: Site) -> None:
    write_layout(image(site.root / "other"), site.root / "other-image")
    other = f"oci:{site.root}/other-image"
    assert "- process web serve app:main --port 80\n" in site.run("inspect", site.name, other)
    assert "base: debian:1 → none" in json.loads(site.run("inspect", site.name, other, "--json"))
    assert site.run("inspect", site.name, site.name) == "No difference.\n"
    assert "without a named base" in site.run("inspect", other)


def test_a_name_without_an_image_is_an_error(site: Site) -> None:
    with pytest.raises(UserError, match="There is no image") as caught:
        site.run("inspect", f"oci:{site.root}/nothing")
    assert caught.value.reference == "no-image"


def test_python_is_replaced_where_the_image_is(site: Site) -> None:
    said = site.run("patch", site.name, "--python", "3.13.1")
    assert "  Python 3.13.0 → 3.13.1\n" in said
    assert site.python("image") == "3.13.1"
    found = ImageContents().find(site.root / "cache", Sizes())
    assert "Python 3.13.1" in [entry.name for entry in found.entries]
    assert found.unknown == []


def test_the_compression_is_that_of_the_image(site: Site) -> None:
    layer = site.image.layers[-1]
    zstd = layer.descriptor._replace(media_type="application/vnd.oci.image.layer.v1.tar+zstd")
    found = replace(site.image, layers=(replace(layer, descriptor=zstd),))
    assert [patch._compression(each) for each in (site.image, found)] == ["gzip", "zstd"]


def test_the_base_alone_is_replaced(site: Site) -> None:
    write_layout(base(DEBIAN, {})[0], site.root / "base")
    said = site.run("patch", site.name, "--base", f"oci:{site.root}/base")
    assert "Python" not in said
    assert len(read_layout(site.root / "image", "amd64", "linux")[0].layers) == len(site.image.layers) + 1


def test_without_a_change_it_is_a_misuse(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        site.run("patch", site.name)
    assert "--python or --base is needed." in capsys.readouterr().err


def test_the_patched_image_goes_where_the_options_say(site: Site) -> None:
    site.run("patch", site.name, "--python", "3.13.1", "--output", f"oci:{site.root}/new")
    assert (site.python("image"), site.python("new")) == ("3.13.0", "3.13.1")
    write_archive_of(site.image, site.root / "app.tar", "app:1")
    site.run("patch", f"{site.root}/app.tar", "--python", "3.13.1", "--base", site.name)
    assert "on " in site.run("inspect", f"{site.root}/app.tar")


@pytest.mark.parametrize("prefix", ["", "oci-archive:", "docker-archive:"])
def test_an_archive_is_replaced_in_place_with_its_name(site: Site, prefix: str) -> None:
    file = site.root / "app.tar"
    write_archive_of(site.image, file, "team/web:1.2")
    said = site.run("patch", f"{prefix}{file}", "--python", "3.13.1")
    assert f"  {prefix}{file}: sha256:" in said
    assert names_at(Place(file, Form.ARCHIVE)) == Names("team/web:1.2", "1.2")
    assert python_of(read_archive(file, "amd64", "linux")[0], "app.tar") == "3.13.1"
    assert not (site.root / f"{prefix}app.tar").exists() or not prefix


@pytest.mark.parametrize(("name", "suffix"), [("v5", ""), ("v5", ":v5")])
def test_a_layout_is_replaced_in_place_with_its_name(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str, suffix: str
) -> None:
    write_layout(site.image, site.root / "image", name=name)
    monkeypatch.chdir(site.root)
    for text in (f"oci:image{suffix}", "./image"):
        site.run("patch", text, "--python", "3.13.1")
        assert names_at(Place(site.root / "image", Form.LAYOUT)) == Names(layout=name)
    assert site.python("image") == "3.13.1"


def test_an_archive_that_is_compressed_as_a_whole_is_read_but_not_written(site: Site) -> None:
    write_archive_of(site.image, site.root / "app.tar", "app:1")
    file = site.root / "app.tar.gz"
    file.write_bytes(gzip.compress((site.root / "app.tar").read_bytes()))
    assert site.image.digest in site.run("inspect", str(file))
    with pytest.raises(UserError, match="cannot be written to") as caught:
        site.run("patch", str(file), "--python", "3.13.1")
    assert caught.value.remedy == ("Write another file: --output FILE.tar",)
    site.run("patch", str(file), "--python", "3.13.1", "--output", f"oci:{site.root}/new")
    assert site.python("new") == "3.13.1"


def test_a_patched_image_is_written_and_pushed(site: Site) -> None:
    with served_registry() as registry:
        push = f"{registry.address}/app:1"
        said = site.run(
            "patch", site.name, "--python", "3.13.1", "--output", f"oci:{site.root}/new", "--push", push
        )
        assert ("app", "1") in registry.manifests
    assert f"  oci:{site.root}/new: sha256:" in said
    assert f"  {push}: sha256:" in said


def test_an_image_in_a_registry_is_patched_there_and_only_python_is_sent(site: Site) -> None:
    with served_registry() as registry:
        name = f"{registry.address}/team/app:1"
        # Everything but the version is as it was.
        site.run("patch", site.name, "--python", "3.13.1", "--push", name)
        before = registry.manifests["team/app", "1"]
        registry.requests.clear()
        site.run("patch", name, "--python", "3.13.1")
        assert registry.manifests["team/app", "1"] == before
        assert registry.count("PATCH", "") == 0


def test_a_push_that_would_be_refused_is_found_before_a_python_is_made(site: Site) -> None:
    with served_registry() as registry:
        registry.login = "basic"
        with pytest.raises(SiteError, match="refuses access"):
            site.run("patch", site.name, "--python", "3.13.1", "--push", f"{registry.address}/team/app:1")
    with pytest.raises(UserError, match="cannot be pushed to"):
        site.run("patch", f"registry.example.com/app@sha256:{'0' * 64}", "--python", "3.13.1")
    assert not (site.root / "cache" / "images" / "pythons").exists()


def test_without_a_layer_of_python_the_owner_is_the_usual_one(site: Site) -> None:
    made, _ = base({})
    assert patch._owner(made) == DEFAULT_OWNER


class Attached:
    """An image in a registry with bills of materials."""

    def __init__(self, site: Site, registry: FakeRegistry) -> None:
        self.site = site
        self.registry = registry
        self.name = f"{registry.address}/team/app:1"
        self.bom = Bom(
            name="shop",
            version="2.0",
            components=(
                Component(
                    name="python",
                    version="3.13.0",
                    purl="pkg:generic/python@3.13.0",
                    notes={"layerwright:layer": "python"},
                ),
                Component(name="flask", version="3.1.3", notes={"layerwright:layer": "venv"}),
            ),
        )

    def push(self, *more: Document) -> None:
        documents = [
            Artifact(document=each, subject=self.site.image.descriptor) for each in (*bills(self.bom), *more)
        ]
        registries = Registries(ClientSite(delays=()), BlobDirectory(self.site.root / "pulled"))
        push_with(
            registries,
            self.site.image,
            Reference.parse(self.name),
            documents,
            self.site.root / "records",
            lambda _words: None,
        )
        registries.close()

    def documents(self) -> dict[str, Any]:
        """Return what is attached to the image to which the tag leads now, by media type."""
        digest = digest_of(self.registry.manifests["team/app", "1"][1])
        found = {}
        for entry in self.registry.artifacts("team/app", digest):
            manifest = json.loads(self.registry.manifests["team/app", entry["digest"]][1])
            content = self.registry.blobs["team/app"][manifest["layers"][0]["digest"]]
            found[entry["artifactType"]] = json.loads(content)
        return found


@pytest.fixture
def attached(site: Site) -> Iterator[Attached]:
    with served_registry() as registry:
        yield Attached(site, registry)


def test_what_is_attached_is_shown(site: Site, attached: Attached) -> None:
    more = Document(
        media_type=SIGSTORE_BUNDLE,
        content=b"{}",
        title="",
        annotations={"dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1"},
    )
    attached.push(more, Document(media_type="application/vnd.example", content=b"{}", title=""))
    said = site.run("inspect", attached.name).partition("\nAttached\n")[2].partition("\n\n")[0]
    assert [line.partition(" sha256:")[0].strip() for line in said.splitlines()] == [
        "bill of materials (CycloneDX)",
        "bill of materials (SPDX)",
        "signed statement: https://slsa.dev/provenance/v1",
        "application/vnd.example",
    ]
    shown = json.loads(site.run("inspect", attached.name, "--json"))["attached"]
    assert shown[2]["annotations"] == more.annotations
    assert shown[0]["media-type"] == "application/vnd.cyclonedx+json"
    assert "\nAttached\n  Nothing.\n" in site.run("inspect", site.name)


def test_a_patched_image_has_documents_about_its_new_python(site: Site, attached: Attached) -> None:
    attached.push()
    before = site.image.digest
    said = site.run("patch", attached.name, "--python", "3.13.1")
    assert "  Attached 3 documents." in said
    documents = attached.documents()
    bom = documents["application/vnd.cyclonedx+json"]
    assert [(one["name"], one["version"]) for one in bom["components"]] == [
        ("python", "3.13.1"),
        ("flask", "3.1.3"),
    ]
    assert bom["metadata"]["component"]["name"] == "shop"
    assert bom["metadata"]["component"]["version"] == "2.0"
    statement = documents["application/vnd.in-toto+json"]
    assert statement["subject"][0]["name"] == "shop"
    made = statement["predicate"]["buildDefinition"]
    assert made["buildType"] == "https://layerwright.example.com/provenance.html#patch-v1"
    assert made["externalParameters"] == {"image": attached.name, "python": "3.13.1"}
    assert made["internalParameters"]["layers"]["python"]["inputs"]["Python version"] == "3.13.1"
    first, python = made["resolvedDependencies"]
    assert first == {
        "name": "patched image",
        "uri": f"docker://{attached.name}",
        "digest": {"sha256": before.removeprefix("sha256:")},
    }
    assert python["name"] == "python 3.13.1"


def test_a_patch_that_changes_nothing_leaves_what_is_attached(site: Site, attached: Attached) -> None:
    attached.push()
    site.run("patch", attached.name, "--python", "3.13.1")
    documents = attached.documents()
    attached.registry.requests.clear()
    assert "Attached" not in site.run("patch", attached.name, "--python", "3.13.1")
    assert attached.documents() == documents
    assert attached.registry.count("PUT", "") == 0


def test_another_base_leaves_the_bill_of_materials_as_it_is(site: Site, attached: Attached) -> None:
    attached.push()
    write_layout(base(DEBIAN, {})[0], site.root / "base")
    site.run("patch", attached.name, "--base", f"oci:{site.root}/base")
    documents = attached.documents()
    assert documents["application/vnd.cyclonedx+json"] == json.loads(bills(attached.bom)[0].content)
    made = documents["application/vnd.in-toto+json"]["predicate"]["buildDefinition"]
    assert made["externalParameters"] == {"image": attached.name}
    assert [one["name"] for one in made["resolvedDependencies"]] == ["patched image", "base image"]


def test_without_a_bill_of_materials_there_is_a_warning_and_the_provenance(site: Site) -> None:
    said = site.run(
        "patch", site.name, "--python", "3.13.1", "--attach", "--documents", f"{site.root}/documents"
    )
    assert "Warning: The image had no bill of materials, so the new one has none." in said
    assert [file.name for file in (site.root / "documents").iterdir()] == ["provenance.json"]
    assert "  statement: https://slsa.dev/provenance/v1 sha256:" in site.run("inspect", site.name)
    statement = json.loads((site.root / "documents" / "provenance.json").read_bytes())
    assert statement["subject"][0]["name"] == "application"
    made = statement["predicate"]["buildDefinition"]
    assert made["externalParameters"] == {"python": "3.13.1"}


def test_a_signed_image_is_signed_again_or_there_is_a_warning(site: Site, attached: Attached) -> None:
    attached.push(Document(media_type=SIGSTORE_BUNDLE, content=b"{}", title=""))
    key = site.root / "key.pem"
    key.write_bytes(pem(new_key()))
    words = "Warning: The image was signed, and the new one is not. To sign it, pass --key FILE."
    said = site.run("patch", attached.name, "--python", "3.13.1", "--push", f"{attached.name}-unsigned")
    assert words in said
    said = site.run("patch", attached.name, "--python", "3.13.1", "--key", str(key))
    assert words not in said
    assert SIGSTORE_BUNDLE in attached.documents()


def test_components_of_python_are_known_by_their_package_urls_where_layers_are_not_named() -> None:
    python = Component(name="python", version="3.13.0", purl="pkg:generic/python@3.13.0")
    flask = Component(name="flask", version="3.1.3", purl="pkg:pypi/flask@3.1.3")
    new = Component(name="python", version="3.13.1", purl="pkg:generic/python@3.13.1")
    before = Bom(name="shop", components=(python, flask))
    patch_made = Patched(BaseImage(base({})[0]), (new,))
    assert patched_bom(before, patch_made).components == (new, flask)
    assert patched_bom(before, Patched(BaseImage(base({})[0]))) == before
