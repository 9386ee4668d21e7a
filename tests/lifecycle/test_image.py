"""Images of ``layerwright image`` and of the buildpack under the real lifecycle: equal layers, and a patch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.cli.main import main
from layerwright.cnb.target import Target
from layerwright.image.output.layout import read_layout
from layerwright.testing.distributions import source_tree
from layerwright.testing.machine import interpreters
from tests.fixtures.renamed import renamed
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import SharedIndex
from tests.lifecycle.conftest import REAL, new_place, why_not_real
from tests.lifecycle.image import LIFECYCLE_METADATA, remove
from tests.lifecycle.ours import ID, OurSite
from tests.lifecycle.real import RealLifecycle, read_image

if TYPE_CHECKING:
    from collections.abc import Iterator

LAYERS: Final = Path("/layers")
WORKSPACE: Final = Path("/workspace")


def why_not() -> str:
    """Return why the lifecycle cannot build at the usual path here, nothing if it can."""
    there = [str(path) for path in (LAYERS, WORKSPACE) if path.exists()]
    return why_not_real() or (f"{there[0]} exists" if there else "")


pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]


class UsualPlaces(RealLifecycle):
    """The lifecycle with the layers and the application where platforms have them."""

    def __init__(self, root: Path, directory: Path) -> None:
        super().__init__(root, directory)
        self.layers, self.app = LAYERS, WORKSPACE  # type: ignore[misc]


@pytest.fixture
def site() -> Iterator[OurSite]:
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    assert REAL is not None
    LAYERS.mkdir()
    WORKSPACE.mkdir()
    try:
        with new_place() as place, SharedIndex() as index:
            index.reset()
            site = OurSite(UsualPlaces(place / "site", REAL), index, place)
            site.furnish()
            yield site
    finally:
        remove(LAYERS)
        remove(WORKSPACE)


@pytest.mark.parametrize("launch", ["true", "false"])
def test_python_tools_and_environment_have_the_diff_ids_of_the_buildpack(
    site: OurSite, monkeypatch: pytest.MonkeyPatch, launch: str
) -> None:
    # An editable installation with a script: a first line, a path configuration file, a URL.
    site.app.write("requirements.txt", "acme\n-e ./lib\n")
    for name, content in source_tree("hello", "1.0", entry_points={"hello": "hello:main"}).items():
        site.app.write(f"lib/{name}", content)
    site.first = site.build(LAYERWRIGHT_PIP_LAUNCH=launch)

    variables = {
        **{name: str(value) for name, value in site.platform().env.items()},
        "LAYERWRIGHT_CACHE_DIR": str(site.place / "cache"),
        "LAYERWRIGHT_IMAGE_OWNER": "0:0",
        "LAYERWRIGHT_PIP_LAUNCH": launch,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    elsewhere, output = site.place / "app", site.place / "image"
    shutil.copytree(site.app.path, elsewhere)
    assert main(["image", str(elsewhere), "--output", f"oci:{output}"]) == 0
    image, _ = read_layout(output, Target.of_this_machine().arch, "linux")
    [made] = json.loads(image.config["Labels"][LIFECYCLE_METADATA])["buildpacks"]
    assert {name: layer["sha"] for name, layer in made["layers"].items()} == site.first.layers(ID)


def test_a_patch_of_an_image_of_the_buildpack_replaces_the_layer_of_python_alone(
    site: OurSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = site.build()
    before = site.seen(first)
    minor, _, patch = before["python"].rpartition(".")
    version = f"{minor}.{int(patch) + 1}"
    prefix = renamed(interpreters()[minor].resolve().parents[1], site.place / version, version)
    variables = {
        **{name: str(value) for name, value in site.platform().env.items()},
        "LAYERWRIGHT_CACHE_DIR": str(site.place / "cache"),
        "PATH": f"{prefix}/bin",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    lifecycle = site.lifecycle
    assert isinstance(lifecycle, RealLifecycle)
    image, output = site.place / "exported", site.place / "patched"
    shutil.copytree(lifecycle.exported, image)
    # A registry has the layer of the run image as well.
    shutil.copytree(lifecycle.run_image / "blobs", image / "blobs", dirs_exist_ok=True)

    def distributions(name: str) -> dict[str, str]:
        bill = site.place / "bill.json"
        assert main(["sbom", name, "--output", str(bill)]) == 0
        return {one["name"]: one["version"] for one in json.loads(bill.read_bytes())["components"]}

    installed = distributions(f"oci:{image}")
    assert installed.items() >= {"acme": "1.0", "python": before["python"]}.items()
    where = ("--output", f"oci:{output}", "--attach")
    assert main(["patch", f"oci:{image}", "--python", version, *where]) == 0
    assert distributions(f"oci:{output}") == {**installed, "python": version}

    new = read_image(output, "")
    names = {digest: name for name, digest in first.layers(ID).items()}
    changed = [
        names[old.diff_id]
        for old, now in zip(first.blobs, new.blobs, strict=True)
        # The name of a blob is the digest of its compressed bytes.
        if (old.diff_id, old.path.name) != (now.diff_id, now.path.name)
    ]
    assert changed == ["python"]
    assert {**new.layers(ID), "python": ""} == {**first.layers(ID), "python": ""}
    after = site.seen(new)
    assert after["python"] == version
    assert after["distributions"] == before["distributions"]
