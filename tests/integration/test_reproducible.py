"""Equal inputs give equal layers, and an updated virtual environment is what a fresh one is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from layerwright.build.layers.names import STAND_INS
from layerwright.testing.distributions import sdist, wheel
from layerwright.testing.tree import difference, tree

if TYPE_CHECKING:
    from tests.integration.site import SharedIndex, Site

pytestmark = pytest.mark.integration


def test_two_clean_builds_at_one_path_are_the_same_to_the_byte(site: Site, index: SharedIndex) -> None:
    index.add(sdist("native", "1.0", c_extension=True))
    site.app.write("requirements.txt", "acme\nnative\n")
    layers = ("python", "tool-pip", STAND_INS, "venv")
    site.build("--clean")
    first = {layer: tree(site.layers / layer) for layer in layers}
    records = {layer: site.record(layer).read_bytes() for layer in layers}

    # Elsewhere than the first time and with another umask, so that nothing of where it is called from gets in.
    before = os.umask(0o077)
    try:
        site.layerwright("build", site.app.path, "--clean", cwd=site.root)
    finally:
        os.umask(before)

    for layer in layers:
        assert difference(first[layer], tree(site.layers / layer)) == "", layer
        assert site.record(layer).read_bytes() == records[layer]


def test_an_updated_environment_is_what_a_fresh_one_is(site: Site, index: SharedIndex) -> None:
    index.add(
        wheel("extra", "1.0", entry_points={"extra": "extra:main", "old": "extra:main"}),
        wheel("gone", "1.0", files={"gone/data/deep.txt": "deep\n"}),
        wheel("moves", "1.0", files={"shared.py": "OWNER = 'moves'\n"}),
    )
    site.app.write("requirements.txt", "acme\nextra\ngone\nmoves\n")
    site.build()
    index.add(
        wheel("acme", "2.0", requires=["other"]),
        wheel("other", "1.0", files={"shared.py": "OWNER = 'other'\n"}),
        wheel("moves", "2.0"),
        wheel("extra", "2.0", entry_points={"extra": "extra:main", "new": "extra:main"}),
    )
    site.app.write("requirements.txt", "acme\nextra\nmoves\n")

    assert site.build().layers["venv"] == "updated"
    updated = tree(site.layers / "venv")
    installed = site.installed()
    (site.layers / "venv.toml").unlink()
    assert site.build().layers["venv"] == "created"

    assert installed == site.installed() == {"acme": "2.0", "extra": "2.0", "moves": "2.0", "other": "1.0"}
    assert difference(tree(site.layers / "venv"), updated) == ""


def test_wheels_are_built_with_the_date_that_the_python_layer_sets(site: Site, index: SharedIndex) -> None:
    backend = "import os\nraise SystemExit('the date is ' + os.environ['SOURCE_DATE_EPOCH'])\n"
    pyproject = '[build-system]\nrequires = []\nbuild-backend = "dated_backend"\nbackend-path = ["src"]\n'
    index.add(sdist("dated", "1.0", files={"dated_backend.py": backend}, pyproject=pyproject))
    site.app.write("requirements.txt", "dated\n")

    assert "the date is 315532801" in site.build(status=1).log
