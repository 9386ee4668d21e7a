"""Images in a real registry that wants a login, read by tools of others."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.build.bom.component import Bom, Component
from layerwright.errors import SiteError
from layerwright.image.attached.artifact import Artifact
from layerwright.image.attached.bills import bills
from layerwright.image.attached.find import find_with_attached
from layerwright.image.attached.publish import push_with
from layerwright.image.blobs import BlobDirectory
from layerwright.image.output.archive import write_archive_of
from layerwright.image.output.layout import write_layout
from layerwright.image.provenance.statement import BUILD, Making, provenance
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.credentials import find_credentials
from layerwright.image.registry.registries import Registries
from layerwright.image.signing.bundle import image_signature, signed
from layerwright.image.signing.key import load_key
from tests.lifecycle.registry import Registry, why_no_registry
from tests.unit.image.samples import TARGET, WEB, image
from tests.unit.image.signing.keys import new_key, pem, public_pem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.image import Image

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(bool(why_no_registry()), reason=why_no_registry()),
]
PASSWORD: Final = "open sesame"
_USERS: Final = "me:$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an empty registry with one user; return its address."""
    with Registry.served(tmp_path_factory.mktemp("registry"), users=_USERS) as registry:
        yield registry.address


@pytest.fixture
def home(tmp_path: Path, address: str) -> Path:
    """Return a home directory with the login of the user."""
    auth = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    (tmp_path / "home" / ".docker").mkdir(parents=True)
    (tmp_path / "home" / ".docker" / "config.json").write_text(
        json.dumps({"auths": {address: {"auth": auth}}})
    )
    return tmp_path / "home"


@pytest.fixture
def registries(tmp_path: Path, home: Path) -> Iterator[Registries]:
    variables = {"HOME": str(home)}
    site = Site(credentials=lambda *names: find_credentials(*names, variables), delays=())
    registries = Registries(site, BlobDirectory(tmp_path / "cache"))
    yield registries
    registries.close()


@pytest.fixture
def made(tmp_path: Path) -> Image:
    return image(tmp_path / "made", WEB)


def skopeo(*arguments: str, home: Path) -> bytes:
    return subprocess.run(
        ["skopeo", "--insecure-policy", *arguments],
        env={
            "PATH": os.defpath,
            "HOME": str(home),
            "REGISTRY_AUTH_FILE": f"{home}/.docker/config.json",
            "TMPDIR": str(home),
        },
        check=True,
        stdout=subprocess.PIPE,
        timeout=300,
    ).stdout


def test_an_image_is_pushed_with_a_login_read_by_skopeo_and_pushed_once(
    registries: Registries, address: str, home: Path, made: Image
) -> None:
    reference = Reference.parse(f"{address}/team/app:1")
    assert registries.push(made, reference, lambda _words: None).sent == 5
    read = json.loads(skopeo("inspect", "--tls-verify=false", f"docker://{reference.words}", home=home))
    assert read["Digest"] == made.digest
    assert read["Layers"] == [layer.descriptor.digest for layer in made.layers]
    pulled = registries.pull(reference, "amd64", "linux")
    assert pulled.image.manifest == made.manifest
    # From another repository of the registry every content is mounted.
    other = registries.push(pulled.image, Reference.parse(f"{address}/other:1"), lambda _words: None)
    assert (other.mounted, other.sent) == (4, 1)
    again = registries.push(made, reference, lambda _words: None)
    assert (again.sent, again.present) == (0, 5)


def test_without_a_login_the_registry_is_not_written_to(address: str, made: Image, tmp_path: Path) -> None:
    registries = Registries(Site(delays=()), BlobDirectory(tmp_path / "cache"))
    with pytest.raises(SiteError) as caught:
        registries.push(made, Reference.parse(f"{address}/team/secret:1"), lambda _words: None)
    registries.close()
    assert caught.value.reference == "registry-login"


@pytest.mark.parametrize("kind", ["oci", "oci-archive", "docker-archive"])
def test_what_is_written_as_files_is_read_by_skopeo(
    made: Image, tmp_path: Path, home: Path, kind: str
) -> None:
    path = tmp_path / ("out" if kind == "oci" else "app.tar")
    if kind == "oci":
        write_layout(made, path)
    else:
        write_archive_of(made, path, "app:latest")
    config = json.loads(skopeo("inspect", "--config", f"{kind}:{path}", home=home))
    assert config["rootfs"]["diff_ids"] == [layer.diff_id for layer in made.layers]
    # It reads and verifies every layer.
    skopeo("copy", "--quiet", f"{kind}:{path}", f"dir:{tmp_path}/copied", home=home)


def test_documents_are_listed_under_a_tag_and_found_again(
    registries: Registries, address: str, home: Path, made: Image, tmp_path: Path
) -> None:
    reference = Reference.parse(f"{address}/team/described:1")
    documents = bills(Bom(name="shop", components=(Component(name="flask", version="3.1.3"),)))
    artifacts = [Artifact(document=each, subject=made.descriptor) for each in documents]
    _, attached = push_with(registries, made, reference, artifacts, tmp_path / "records", lambda _words: None)
    assert attached.sent == 2
    raw = skopeo(
        "inspect",
        "--raw",
        "--tls-verify=false",
        f"docker://{address}/team/described:{attached.tag}",
        home=home,
    )
    assert json.loads(raw)["manifests"] == [each.entry for each in artifacts]
    found = find_with_attached(reference.words, TARGET, registries)
    assert [each.read() for each in found.attached] == list(documents)


@pytest.mark.skipif(shutil.which("cosign") is None, reason="needs cosign on PATH")
def test_cosign_verifies_what_was_signed(
    registries: Registries, address: str, home: Path, made: Image, tmp_path: Path
) -> None:
    reference = Reference.parse(f"{address}/team/signed:1")
    private = new_key()
    (tmp_path / "key").write_bytes(pem(private))
    (tmp_path / "key.pub").write_bytes(public_pem(private))
    (tmp_path / "other.pub").write_bytes(public_pem(new_key()))
    key = load_key(tmp_path / "key", {})
    making = Making(build_type=BUILD, external={}, internal={}, dependencies=())
    statement = provenance("shop", made.digest, making, ())
    documents = (
        statement,
        signed(statement.content, "provenance.sigstore.json", key),
        image_signature("shop", made.digest, key),
    )
    artifacts = [Artifact(document=each, subject=made.descriptor) for each in documents]
    push_with(registries, made, reference, artifacts, tmp_path / "records", lambda _words: None)

    def status(command: str, public: str, *options: str) -> int:
        words = ("cosign", command, "--key", str(tmp_path / public), "--insecure-ignore-tlog", *options)
        return subprocess.run(
            [*words, "--allow-http-registry", reference.words],
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            check=False,
            capture_output=True,
            timeout=300,
        ).returncode

    assert status("verify", "key.pub") == 0
    assert status("verify-attestation", "key.pub", "--type", "slsaprovenance1") == 0
    assert status("verify", "other.pub") != 0
    assert status("verify-attestation", "other.pub", "--type", "slsaprovenance1") != 0


def test_a_layout_with_documents_is_read_by_skopeo_where_the_tag_is_named(
    made: Image, tmp_path: Path, home: Path
) -> None:
    artifacts = [Artifact(document=each, subject=made.descriptor) for each in bills(Bom(name="shop"))]
    write_layout(made, tmp_path / "out", artifacts)
    config = json.loads(skopeo("inspect", "--config", f"oci:{tmp_path}/out:latest", home=home))
    assert config["rootfs"]["diff_ids"] == [layer.diff_id for layer in made.layers]
