"""Every name of an image in files leads to the directory or the file that is meant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from layerwright.errors import UserError
from layerwright.image.output.naming import Names, names_at
from layerwright.image.places import Form, Place, parse_place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make *tmp_path*, with a layout in it, the current directory and the home of the user."""
    (tmp_path / "image").mkdir()
    (tmp_path / "od:d").mkdir()
    (tmp_path / "a:b.tar").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "path", "form", "name"),
    [
        ("oci:image", "image", Form.LAYOUT, ""),
        ("oci:new", "new", Form.LAYOUT, ""),
        ("oci:image:v1", "image", Form.LAYOUT, "v1"),
        ("oci:new:team/app:1", "new", Form.LAYOUT, "team/app:1"),
        ("oci:~/image", "image", Form.LAYOUT, ""),
        ("oci:od:d/new:v1", "od:d/new", Form.LAYOUT, "v1"),
        ("oci-archive:FILE.tar", "FILE.tar", Form.OCI_ARCHIVE, ""),
        ("oci-archive:FILE.tar:v1", "FILE.tar", Form.OCI_ARCHIVE, "v1"),
        ("oci-archive:file", "file", Form.OCI_ARCHIVE, ""),
        ("oci-archive:a:b.tar", "a:b.tar", Form.OCI_ARCHIVE, ""),
        ("docker-archive:~/x.tar:app:1", "x.tar", Form.DOCKER_ARCHIVE, "app:1"),
        ("FILE.tar", "FILE.tar", Form.ARCHIVE, ""),
        ("some/FILE.tar.gz", "some/FILE.tar.gz", Form.ARCHIVE, ""),
        ("FILE.tgz", "FILE.tgz", Form.ARCHIVE, ""),
        ("./image", "image", Form.LAYOUT, ""),
        ("~/image", "image", Form.LAYOUT, ""),
        ("./file", "file", Form.ARCHIVE, ""),
    ],
)
def test_a_name_is_a_path_with_a_form_and_perhaps_a_name_in_there(
    here: Path, text: str, path: str, form: Form, name: str
) -> None:
    found = parse_place(text)
    assert found == Place(here / path, form, name)
    assert found.is_layout is (form is Form.LAYOUT)


@pytest.mark.parametrize(
    "text", ["oci:new:team/app:1", "oci-archive:x:v1", "docker-archive:x.tar:app:1", "oci:new", "x.tar"]
)
def test_the_words_of_a_place_mean_the_same_place(text: str) -> None:
    place = parse_place(text)
    assert place is not None
    assert parse_place(place.words) == place


@pytest.mark.parametrize(
    "text", ["debian:13-slim", "docker://image", "image", "oci/app:1", "localhost:5000/oci", ".tar"]
)
def test_other_names_are_those_of_registries(text: str) -> None:
    assert parse_place(text) is None


@pytest.mark.parametrize("text", ["oci:", "oci-archive:", "docker-archive:", "oci::v1"])
def test_a_prefix_alone_is_an_error(text: str) -> None:
    with pytest.raises(UserError, match="names no image") as caught:
        parse_place(text)
    assert caught.value.reference == "image-name"


@pytest.mark.parametrize("text", ["docker-daemon:app:1", "dir:image", "containers-storage:app"])
def test_a_place_of_an_engine_is_an_error_that_says_how_to_get_a_file(text: str) -> None:
    with pytest.raises(UserError, match="not supported") as caught:
        parse_place(text)
    assert "into files: " in caught.value.remedy[0]


def test_what_is_attached_to_an_image_does_not_have_its_name(here: Path) -> None:
    entries: list[dict[str, object]] = [
        {"artifactType": "application/spdx+json"},
        {"annotations": {"org.opencontainers.image.ref.name": "v1"}},
    ]
    for listed in (entries, entries[::-1]):
        (here / "image" / "index.json").write_text(json.dumps({"manifests": listed}))
        assert names_at(Place(here / "image", Form.LAYOUT)) == Names(layout="v1")


def test_what_is_not_an_image_has_no_names(here: Path) -> None:
    assert names_at(Place(here / "image", Form.LAYOUT)) == Names()
    assert names_at(Place(here / "a:b.tar", Form.ARCHIVE)) == Names()
