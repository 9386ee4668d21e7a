"""The download of wheels without pip, which finds exactly what is locked or leaves it to pip."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from layerwright import LockedWheels
from layerwright.build.wheels.downloads.directly import download_directly
from layerwright.build.wheels.pins import Pin
from layerwright.testing import Artifact, wheel
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.loopback.server import LoopbackServer, Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACME, BASE = wheel("acme", "1.0"), wheel("base", "2.0")


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with PackageIndex() as index:
        index.add(ACME, BASE, wheel("acme", "1.1"))
        yield index


def pin(artifact: Artifact, *more: str) -> Pin:
    return Pin(artifact.name, artifact.version, frozenset({f"sha256:{artifact.sha256}", *more}))


def downloaded(url: str, into: Path, *pins: Pin) -> dict[str, bytes]:
    locked = LockedWheels(hashed="", index={"PIP_INDEX_URL": url, "PIP_CONFIG_FILE": os.devnull})
    download_directly(locked, pins, "3.13", into, {"HOME": str(into)})
    return {path.name: path.read_bytes() for path in into.iterdir()}


def test_exactly_the_locked_wheels_are_downloaded(index: PackageIndex, tmp_path: Path) -> None:
    found = downloaded(index.url, tmp_path, pin(ACME, "sha256:0"), pin(BASE))
    assert found == {ACME.filename: ACME.data, BASE.filename: BASE.data}


def test_of_several_wheels_the_one_that_fits_best_is_downloaded(index: PackageIndex, tmp_path: Path) -> None:
    own = Artifact("acme-1.0-cp313-none-any.whl", b"own", ACME.metadata)
    other = Artifact("acme-1.0-cp312-none-any.whl", b"other", ACME.metadata)
    index.add(own, other)
    pins = pin(ACME, f"sha256:{own.sha256}", f"sha256:{other.sha256}")
    assert downloaded(index.url, tmp_path, pins) == {own.filename: b"own"}


def test_what_has_another_hash_or_is_no_wheel_is_left_to_pip(index: PackageIndex, tmp_path: Path) -> None:
    source = Artifact("only-1.0.tar.gz", b"source", ACME.metadata)
    index.add(source)
    pins = (
        Pin("acme", "1.0", frozenset({"sha256:0"})),
        Pin("only", "1.0", frozenset({f"sha256:{source.sha256}"})),
    )
    assert downloaded(index.url, tmp_path, *pins) == {}


def test_an_index_that_is_down_or_has_no_json_is_left_to_pip(index: PackageIndex, tmp_path: Path) -> None:
    assert downloaded(index.url, tmp_path, Pin("absent", "1.0", frozenset())) == {}
    index.has_json = False
    assert downloaded(index.url, tmp_path, pin(ACME)) == {}
    assert downloaded("http://127.0.0.1:1/simple/", tmp_path, pin(ACME)) == {}


def test_an_index_that_only_pip_can_reach_is_not_asked(index: PackageIndex, tmp_path: Path) -> None:
    assert downloaded(f"{index.url}?x=file:", tmp_path, pin(ACME)) == {}
    assert downloaded("file:///nowhere", tmp_path, pin(ACME)) == {}


def test_what_an_index_calls_a_wheel_is_not_written_or_read_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[dict[str, object]] = []
    monkeypatch.setattr("json.loads", lambda _text: {"files": pages})
    with PackageIndex() as index:
        index.add(ACME)
        wanted = pin(ACME)
        hashes = {"sha256": ACME.sha256}
        secret = tmp_path / "secret"
        secret.write_text("secret")
        for filename, url in (
            (f"../{ACME.filename}", f"{index.url}../files/{ACME.filename}"),
            (ACME.filename, secret.as_uri()),
        ):
            pages[:] = [{"filename": filename, "url": url, "hashes": hashes}]
            (tmp_path / "into").mkdir(exist_ok=True)
            assert downloaded(index.url, tmp_path / "into", wanted) == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "secret"]


class Redirecting(LoopbackServer):
    """Redirects every request to the same path of the server at *other*."""

    def __init__(self, other: str) -> None:
        self._other = other
        super().__init__()

    @override
    def respond(self, path: str, headers: Mapping[str, str]) -> Response:
        return Response(status=302, headers={"Location": self._other + path})


@pytest.mark.parametrize(("host", "is_followed"), [("localhost", True), ("0.0.0.0", False)])
def test_no_redirection_leads_to_where_pip_would_not_trust_a_file(
    index: PackageIndex, tmp_path: Path, host: str, is_followed: bool
) -> None:
    other = index.url.replace("127.0.0.1", host).removesuffix("/simple/")
    with Redirecting(other) as redirecting:
        found = downloaded(f"{redirecting.url}simple/", tmp_path, pin(ACME))
    assert found == ({ACME.filename: ACME.data} if is_followed else {})
    assert [one.path for one in index.requests] == (
        ["/simple/acme/", f"/files/{ACME.filename}"] if is_followed else []
    )
