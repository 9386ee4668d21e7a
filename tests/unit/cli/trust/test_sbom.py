"""What ``layerwright sbom`` writes, and what it says."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from layerwright.build.bom.component import Bom, Component
from layerwright.build.bom.cyclonedx import cyclonedx
from layerwright.build.bom.spdx import spdx
from layerwright.cli.parser import parse
from layerwright.cnb.layers.layer import LayerTypes
from layerwright.cnb.layers.layer_env import LayerEnv
from layerwright.errors import UserError
from layerwright.image.attached.artifact import CYCLONEDX, SPDX, Artifact
from layerwright.image.attached.bills import bills
from layerwright.image.output.layout import write_layout
from layerwright.local._journal import Journal
from layerwright.output.log import Log
from tests.unit.image.samples import WEB, image

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.errors import LayerwrightError


class Site:
    """An application with a complete build of one layer."""

    def __init__(self, root: Path) -> None:
        self.app, self.layers = root / "app", root / "layers"
        self.app.mkdir()
        journal = Journal(self.layers)
        journal.layers.create("venv")
        journal.layers.write("venv", types=LayerTypes(launch=True), metadata={}, env=LayerEnv())
        bom = Bom(name="venv", components=(Component(name="flask", version="3.1.0"),))
        journal.layers.write_sboms("venv", {"cdx": cyclonedx(bom), "spdx": spdx(bom)})
        (self.layers / "launch.toml").write_text("processes = []\n")
        journal.commit()

    def sbom(self, *options: str) -> str:
        said = io.StringIO()
        arguments = parse(["sbom", str(self.app), "--layers", str(self.layers), *options])
        assert arguments.run(arguments, Log(said, said), {}) == 0
        return said.getvalue()

    def refused(self, *options: str) -> LayerwrightError:
        with pytest.raises(UserError) as raised:
            self.sbom(*options)
        return raised.value


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.parametrize("options", [(), ("--output", "-"), ("--format", "cyclonedx", "--part", "launch")])
def test_it_prints_what_the_image_has(site: Site, options: tuple[str, ...]) -> None:
    document = json.loads(site.sbom(*options))
    assert [(one["name"], one["version"]) for one in document["components"]] == [("flask", "3.1.0")]
    assert document["metadata"]["component"]["name"] == "application"


def test_the_document_has_the_name_and_the_version_of_the_project(site: Site) -> None:
    (site.app / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "2.0"\n')
    component = json.loads(site.sbom())["metadata"]["component"]
    assert (component["name"], component["version"]) == ("shop", "2.0")


@pytest.mark.parametrize("text", ["project = 3\n", "[project]\nname = 4\nversion = 5\n"])
def test_a_project_without_a_name_that_can_be_read_is_an_application(site: Site, text: str) -> None:
    (site.app / "pyproject.toml").write_text(text)
    component = json.loads(site.sbom())["metadata"]["component"]
    assert (component["name"], component.get("version")) == ("application", None)


def test_it_writes_a_file_and_replaces_its_own(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "sbom.json"
    for _ in range(2):
        assert site.sbom("--format", "spdx", "--output", str(file)) == f"Wrote {file}\n"
    assert json.loads(file.read_bytes())["spdxVersion"] == "SPDX-2.3"


def test_another_file_is_not_overwritten(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("print()\n")
    error = site.refused("--output", str(file))
    assert error.summary == f"{file} already exists, and is not a bill of materials in the format cyclonedx."
    assert file.read_text() == "print()\n"


def test_before_the_first_build_it_says_to_build(site: Site) -> None:
    (site.layers / "launch.toml").unlink()
    assert site.refused().reference == "not-built"


class Images:
    """Images with and without a bill of materials."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.image = image(root / "made", WEB)
        self.bom = Bom(name="shop", components=(Component(name="flask", version="3.1.0"),))

    def sbom(self, *arguments: str) -> str:
        said = io.StringIO()
        parsed = parse(["sbom", *arguments])
        environment = {"LAYERWRIGHT_CACHE_DIR": str(self.root / "cache"), "HOME": str(self.root)}
        assert parsed.run(parsed, Log(said, said), environment) == 0
        return said.getvalue()

    def written(self, *media_types: str) -> str:
        """Write the image with the documents of these types into a layout, and return its name."""
        artifacts = [
            Artifact(document=each, subject=self.image.descriptor)
            for each in bills(self.bom)
            if each.media_type in media_types
        ]
        write_layout(self.image, self.root / "image", artifacts)
        return f"oci:{self.root}/image"


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(tmp_path)


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_of_an_image_it_prints_what_is_attached_as_it_is(images: Images, form: str) -> None:
    name = images.written(CYCLONEDX, SPDX)
    document = images.sbom(name, "--format", form)
    assert document.encode() == {"cyclonedx": cyclonedx, "spdx": spdx}[form](images.bom)
    file = images.root / "bom.json"
    assert images.sbom(name, "--format", form, "--output", str(file)) == f"Wrote {file}\n"
    assert file.read_text() == document


def test_of_an_image_with_the_other_format_it_prints_a_translation(images: Images) -> None:
    document = json.loads(images.sbom(images.written(SPDX)))
    assert (document["bomFormat"], document["components"][0]["name"]) == ("CycloneDX", "flask")


def test_an_image_without_one_is_an_error_that_says_how_to_get_one(images: Images) -> None:
    name = images.written()
    with pytest.raises(UserError, match="has no bill of materials") as caught:
        images.sbom(name)
    assert caught.value.reference == "no-sbom"


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--part", "build"), "--part build"), (("--layers", "x"), "--layers"), (("--app", "x"), "--app")],
)
def test_options_about_a_build_do_not_apply_to_an_image(
    images: Images, options: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UserError) as caught:
        images.sbom("registry.example.com/app", *options)
    assert caught.value.summary == f"{said} is not about an image."
    assert caught.value.reference == "sbom-of-image"
