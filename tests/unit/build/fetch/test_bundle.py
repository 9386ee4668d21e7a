from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from layerwright.build.fetch.bundle import Bundle, listed, read_bundle
from layerwright.errors import SiteError

if TYPE_CHECKING:
    from pathlib import Path


def written(directory: Path, **more: Any) -> Bundle:
    (directory / "archives").mkdir(parents=True)
    (directory / "archives" / "acme-1-py3-none-any.whl").write_bytes(b"wheel")
    (directory / "cache.pack").write_bytes(b"pack")
    given: dict[str, Any] = {
        "directory": directory,
        "layerwright": "1",
        "target": "linux/amd64",
        "python": "3.13.0",
        "python_archive": "",
        "package_manager": "pip",
        "tools": {"pip": "26.3"},
        "exec_env": "production",
        "locked": ("acme==1",),
        "files": listed(directory),
    }
    bundle = Bundle(**{**given, **more})
    (directory / "bundle.json").write_text(bundle.text())
    return bundle


def test_a_bundle_is_read_as_it_was_written(tmp_path: Path) -> None:
    bundle = written(tmp_path / "bundle")
    assert read_bundle(tmp_path / "bundle") == bundle
    assert {file.path: file.purpose for file in bundle.files} == {
        "archives/acme-1-py3-none-any.whl": "a distribution",
        "cache.pack": "the download cache of the package manager",
    }
    assert bundle.size == 9
    assert bundle.cache == bundle.files[1]
    assert bundle.archives == bundle.files[:1]
    assert bundle.archives_words == "1 archive"
    bundle.verify()


def test_the_variables_of_a_bundle_name_its_directory_wherever_it_is(tmp_path: Path) -> None:
    env = {"ACME_INDEX": "{bundle-url}/simple", "ACME_PLACE": "{bundle}/archives"}
    written(tmp_path / "first", env=env)
    moved = (tmp_path / "first").rename(tmp_path / "a place")
    assert read_bundle(moved).variables() == {
        # pip would take a path with a space for two.
        "PIP_FIND_LINKS": f"file://{tmp_path}/a%20place/archives",
        "PIP_NO_INDEX": "1",
        "ACME_INDEX": f"file://{tmp_path}/a%20place/simple",
        "ACME_PLACE": f"{tmp_path}/a place/archives",
    }


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("missing", "archives/acme-1-py3-none-any.whl is missing."),
        ("link", "archives/acme-1-py3-none-any.whl is missing."),
        ("truncated", "archives/acme-1-py3-none-any.whl has 2 bytes instead of 5."),
        ("altered", "The SHA-256 of archives/acme-1-py3-none-any.whl is "),
        ("more", "archives/other-1.tar.gz is not in bundle.json."),
    ],
)
def test_a_bundle_that_is_not_as_it_was_written_is_an_error_that_names_the_file(
    tmp_path: Path, change: str, cause: str
) -> None:
    bundle = written(tmp_path / "bundle")
    file = tmp_path / "bundle" / "archives" / "acme-1-py3-none-any.whl"
    if change == "missing":
        file.unlink()
    elif change == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    elif change == "more":
        file.with_name("other-1.tar.gz").touch()
    else:
        file.write_bytes(b"wh" if change == "truncated" else b"whEEl")
    with pytest.raises(SiteError) as caught:
        bundle.verify()
    assert caught.value.reference == "bundle-damaged"
    assert caught.value.cause.startswith(cause)


def test_a_directory_without_a_manifest_is_no_complete_bundle(tmp_path: Path) -> None:
    for place, cause in (
        (tmp_path, "It has no bundle.json, which `layerwright fetch` writes last."),
        (tmp_path / "nowhere", "There is no such directory."),
    ):
        with pytest.raises(SiteError) as caught:
            read_bundle(place)
        assert (caught.value.reference, caught.value.summary) == (
            "no-bundle",
            f"{place} is not a complete bundle.",
        )
        assert caught.value.cause == cause


@pytest.mark.parametrize(
    ("manifest", "cause"),
    [
        ("{", "bundle.json cannot be read: JSONDecodeError"),
        ("[]", "bundle.json cannot be read: TypeError"),
        ("{}", "bundle.json cannot be read: KeyError"),
        ('{"format": 2}', "bundle.json has a format that this release does not know."),
        ('{"format": 1, "files": [{}]}', "bundle.json cannot be read: TypeError"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_an_error(tmp_path: Path, manifest: str, cause: str) -> None:
    (tmp_path / "bundle.json").write_text(manifest)
    with pytest.raises(SiteError) as caught:
        read_bundle(tmp_path)
    assert caught.value.reference == "bundle-damaged"
    assert caught.value.cause.startswith(cause)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd"])
def test_a_manifest_names_only_files_of_its_directory(tmp_path: Path, path: str) -> None:
    written(tmp_path / "bundle")
    file = tmp_path / "bundle" / "bundle.json"
    manifest = json.loads(file.read_text())
    manifest["files"][0]["path"] = path
    file.write_text(json.dumps(manifest))
    with pytest.raises(SiteError, match="damaged") as caught:
        read_bundle(tmp_path / "bundle")
    assert caught.value.cause == f"bundle.json names {path}, which is not in the directory."
