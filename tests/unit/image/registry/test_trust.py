"""The authorities that sign for a registry, where engines have them too."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest

from layerwright.errors import SiteError
from layerwright.image.registry import trust
from layerwright.image.registry.trust import trusting
from tests.fixtures.certificates import why_no_certificates, write_certificates

HOST = "registry.example.com:5000"


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of the whole machine; that of the user is in the directory of the test."""
    monkeypatch.setattr(trust, "_SYSTEM", (str(tmp_path / "system"),))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    # No authority of the machine itself.
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    monkeypatch.setenv("SSL_CERT_DIR", "/dev/null")
    return tmp_path / "system"


def trusted(host: str) -> list[str]:
    """Return the certificates of the authorities that sign for *host*."""
    return [ssl.DER_cert_to_PEM_cert(one) for one in trusting(host).get_ca_certs(binary_form=True)]


@pytest.mark.skipif(bool(why_no_certificates()), reason=why_no_certificates())
@pytest.mark.parametrize("own", ["", ".config/containers/certs.d", ".config/docker/certs.d"])
def test_an_authority_in_a_directory_of_engines_is_trusted_for_its_registry_alone(
    system: Path, tmp_path: Path, own: str
) -> None:
    made = write_certificates(tmp_path / "made", "DNS:registry.example.com")
    place = (Path.home() / own if own else system) / HOST
    place.mkdir(parents=True)
    shutil.copy(made.authority, place / "ca.crt")
    # The certificate of a user, which is no authority.
    shutil.copy(made.server, place / "client.cert")
    assert trusted(HOST) == [made.authority.read_text()]
    assert trusted("registry.example.com") == []


def test_a_name_that_is_no_name_has_no_directory(system: Path) -> None:
    (system / "x").mkdir(parents=True)
    for folder in (system, system.parent):
        (folder / "ca.crt").write_text("no certificate")
    (system / "x" / "ca.crt").write_text("no certificate")
    for host in ("..", "../system/x", "", "."):
        assert trusted(host) == []


def test_a_file_that_is_no_certificate_is_an_error_that_names_it(system: Path) -> None:
    (system / HOST).mkdir(parents=True)
    (system / HOST / "ca.crt").write_text("no certificate")
    with pytest.raises(
        SiteError, match=rf"The certificates in {system}/{HOST}/ca.crt cannot be read"
    ) as caught:
        trusting(HOST)
    assert caught.value.reference == "registry-certificate"
    assert f"sign for {HOST}" in caught.value.cause
