from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.errors import SiteError
from layerwright.pythons.standalone._catalogue import Archive, published_archives, read_catalogue

if TYPE_CHECKING:
    from pathlib import Path


def release(version: tuple[int, int, int], *files: dict[str, Any], **changes: Any) -> dict[str, Any]:
    major, minor, micro = version
    named = {
        "implementation": "cpython",
        "major": major,
        "minor": minor,
        "micro": micro,
        "freethreaded": False,
    }
    return {"python_version": {**named, **changes}, "files": files}


def file(**changes: Any) -> dict[str, Any]:
    usual = {
        "arch": "x86_64",
        "platform": "linux",
        "install_only": True,
        "filename": "a+b.tar.gz",
        "url": "https://example.com/a%2Bb.tar.gz",
        "sha256": "0" * 64,
    }
    return {**usual, **changes}


def read(path: Path, *releases: dict[str, Any]) -> tuple[Archive, ...]:
    path.write_text(json.dumps(releases))
    return read_catalogue(path, "x86_64")


def test_only_what_fits_the_machine_is_listed(tmp_path: Path) -> None:
    found = read(
        tmp_path / "versions.json",
        release((3, 13, 1), file(), file(arch="aarch64"), file(platform="macos"), file(install_only=False)),
        release((3, 13, 2), file(), freethreaded=True),
        release((3, 10, 3), file(), implementation="pypy"),
    )
    assert found == (
        Archive(
            version="3.13.1",
            filename="a+b.tar.gz",
            url="https://example.com/a%2Bb.tar.gz",
            sha256="0" * 64,
        ),
    )


def test_the_newest_version_comes_first(tmp_path: Path) -> None:
    found = read(
        tmp_path / "versions.json",
        *(release((3, minor, 10), file()) for minor in (9, 13, 10)),
        release((3, 9, 9)),
    )
    assert [archive.version for archive in found] == ["3.13.10", "3.10.10", "3.9.10"]


def test_versions_before_the_oldest_supported_one_are_not_listed(tmp_path: Path) -> None:
    found = read(
        tmp_path / "versions.json",
        *(release((3, minor, 20), file()) for minor in (7, 8, 9)),
        release((2, 7, 18), file()),
    )
    assert [archive.version for archive in found] == ["3.9.20"]


def test_a_missing_checksum_is_an_empty_one(tmp_path: Path) -> None:
    (archive,) = read(tmp_path / "versions.json", release((3, 13, 1), file(sha256=None)))
    assert archive.sha256 == ""


@pytest.mark.parametrize("content", ["", "[1]", '[{"python_version": {}}]', "[null]"])
def test_a_catalogue_of_another_form_is_said_to_be_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "versions.json"
    path.write_text(content)
    with pytest.raises(SiteError, match="catalogue") as caught:
        read_catalogue(path, "x86_64")
    assert str(path) in caught.value.cause
    assert caught.value.reference == "python-catalogue"


def test_a_catalogue_that_is_missing_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="catalogue"):
        read_catalogue(tmp_path / "none.json", "x86_64")


@pytest.mark.parametrize("arch", ["x86_64", "aarch64"])
def test_the_installed_library_lists_every_supported_minor_version(arch: str) -> None:
    archives = published_archives(arch)
    minors = {archive.version.rpartition(".")[0] for archive in archives if archive.sha256}
    assert {"3.10", "3.11", "3.12", "3.13", "3.14"} <= minors
    assert all(archive.url.startswith("https://") for archive in archives)
    assert all("install_only" in archive.filename for archive in archives)
