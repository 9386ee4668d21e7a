"""Images in each implementation of a registry that there is, and behind TLS."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.cli.main import main
from layerwright.errors import SiteError
from layerwright.image.base.image import BaseImage
from layerwright.image.blobs import BlobDirectory
from layerwright.image.output.layout import write_layout
from layerwright.image.reference import Reference
from layerwright.image.registry.client import Site
from layerwright.image.registry.registries import Registries
from tests.fixtures.certificates import Certificates, why_no_certificates, write_certificates
from tests.fixtures.cut import cut_once
from tests.fixtures.registries import REGISTRIES, served_by
from tests.lifecycle.registry import Registry, why_no_registry
from tests.unit.image.samples import WEB, base, image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from layerwright.image.image import Image

pytestmark = pytest.mark.integration

SIZE = 3_000_000
"""The bytes of a content that a connection breaks in."""


@pytest.fixture(
    scope="module",
    params=REGISTRIES or [pytest.param("", marks=pytest.mark.skip("needs docker-registry on PATH"))],
)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an empty registry; return its address."""
    with served_by(request.param, tmp_path_factory.mktemp("registry")) as address:
        yield address


class Messages(list[str]):
    """What was said while something was tried again."""


@pytest.fixture
def said() -> Messages:
    return Messages()


@pytest.fixture
def registries(tmp_path: Path, said: Messages) -> Iterator[Registries]:
    registries = Registries(Site(delays=(0.1, 0.1), told=said.append), BlobDirectory(tmp_path / "cache"))
    yield registries
    registries.close()


def on_large_base(root: Path, seed: int) -> Image:
    """Return an image on a base whose layer does not fit into one packet; each *seed* gives another one."""
    below, _ = base({"data": random.Random(seed).randbytes(SIZE)}, compressed=False)
    return image(root, WEB, base=BaseImage(below, "base.example.com/base:1", below.digest))


@pytest.fixture
def made(tmp_path: Path) -> Image:
    return on_large_base(tmp_path / "made", 1)


def read(registries: Registries, reference: Reference) -> Image:
    """Return the image that *reference* leads to; each content was read and verified."""
    found = registries.pull(reference, "amd64", "linux").image
    for layer in found.layers:
        with layer.blobs.open(layer.descriptor) as content:
            assert len(content.read()) == layer.descriptor.size
    return found


def quiet(_words: str) -> None:
    """Ignore what would be told."""


def test_an_image_is_sent_once_and_then_mounted(
    registries: Registries, address: str, made: Image, said: Messages
) -> None:
    reference = Reference.parse(f"{address}/team/app:1")
    assert registries.push(made, reference, quiet).sent == 6
    found = read(registries, reference)
    assert found.manifest == made.manifest
    again = registries.push(made, reference, quiet)
    assert (again.sent, again.present) == (0, 6)
    other = registries.push(found, Reference.parse(f"{address}/other:1"), quiet)
    # Some have one store for all repositories, so that everything is there.
    assert (other.mounted + other.present, other.sent) in ((5, 1), (6, 0))
    assert read(registries, Reference.parse(f"{address}/other:1")).manifest == made.manifest
    assert said == []


def test_an_upload_whose_connection_breaks_is_completed(
    registries: Registries, address: str, tmp_path: Path, said: Messages
) -> None:
    # Some have one store for all repositories, which has the other one.
    made = on_large_base(tmp_path / "made", 2)
    with cut_once(address, SIZE // 2) as (way, cut):
        registries.push(made, Reference.parse(f"{way}/resumed:1"), quiet)
    assert cut.is_met
    assert len(said) == 1
    # Some continue the upload, some begin it again.
    assert cut.sent < 2 * SIZE
    assert read(registries, Reference.parse(f"{address}/resumed:1")).manifest == made.manifest


def test_the_commands_read_and_patch_an_image_there(
    address: str,
    registries: Registries,
    made: Image,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LAYERWRIGHT_CACHE_DIR", str(tmp_path / "own"))
    name = f"{address}/team/patched:1"
    registries.push(made, Reference.parse(name), quiet)
    new, _ = base({"new": b"new"})
    write_layout(new, tmp_path / "new")
    assert main(["patch", name, "--base", f"oci:{tmp_path}/new"]) == 0
    capsys.readouterr()
    assert main(["inspect", name, "--json"]) == 0
    seen: dict[str, Any] = json.loads(capsys.readouterr().out)
    digests = [layer["digest"] for layer in seen["layers"]]
    assert digests == [layer.descriptor.digest for layer in (*new.layers, *made.layers[1:])]
    assert seen["digest"] == registries.pull(Reference.parse(name), "amd64", "linux").digest


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if why_no_certificates():
        pytest.skip(why_no_certificates())
    return write_certificates(tmp_path_factory.mktemp("tls") / "own", "IP:127.0.0.1", "DNS:localhost")


@pytest.fixture(scope="module")
def secure(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an empty registry that speaks TLS; return its address."""
    if why_no_registry():
        pytest.skip(why_no_registry())
    with Registry.served(tmp_path_factory.mktemp("registry"), certificates=certificates) as registry:
        yield registry.address


def test_a_registry_on_this_machine_may_speak_tls(
    secure: str,
    certificates: Certificates,
    registries: Registries,
    made: Image,
    monkeypatch: pytest.MonkeyPatch,
    said: Messages,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", os.fspath(certificates.authority))
    for host in (secure, f"localhost:{secure.rpartition(':')[2]}"):
        reference = Reference.parse(f"{host}/app:1")
        registries.push(made, reference, quiet)
        assert read(registries, reference).manifest == made.manifest
    assert said == []


def test_an_authority_that_engines_find_is_found(
    secure: str,
    certificates: Certificates,
    registries: Registries,
    made: Image,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / ".config" / "containers" / "certs.d" / secure
    place.mkdir(parents=True)
    shutil.copy(certificates.authority, place / "ca.crt")
    registries.push(made, Reference.parse(f"{secure}/found:1"), quiet)
    inspect = ["skopeo", "inspect", "--format={{.Digest}}", f"docker://{secure}/found:1"]
    env = {"PATH": os.defpath, "HOME": str(tmp_path)}
    assert subprocess.check_output(inspect, env=env, text=True).strip() == made.digest


def test_a_certificate_of_another_authority_is_an_error_and_no_reason_to_go_without(
    secure: str, registries: Registries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Messages
) -> None:
    other = write_certificates(tmp_path / "other", "IP:127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", os.fspath(other.authority))
    with pytest.raises(SiteError) as caught:
        registries.check(Reference.parse(f"{secure}/app:1"))
    assert caught.value.reference == "registry-certificate"
    assert caught.value.summary == f"The certificate of {secure} is not trusted."
    assert f"~/.config/containers/certs.d/{secure}/ca.crt" in caught.value.remedy[0]
    assert "SSL_CERT_FILE" in caught.value.remedy[1]
    assert said == []
