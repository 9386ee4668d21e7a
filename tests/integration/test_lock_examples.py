"""The examples for PDM and Pipenv, built and served from their layers, with the tool at launch and without."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import TOOL_LOCKS, is_complete, tool_wheelhouse, wheelhouse
from tests.integration.site import Site
from tests.integration.test_examples import EXAMPLES, PYTHONS, page, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

UNLOCKED: Final = {
    "pdm": ("pyproject.toml", '"flask"', '"flask", "click"'),
    "pipenv": ("Pipfile", "[packages]\n", '[packages]\nclick = "*"\n'),
}
"""In which file of the example a requirement that is not locked is added, and how."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Site]:
    """Return a site without an application, and an index that has all that the examples and their tools need."""
    if not (
        is_complete(wheelhouse()) and all(is_complete(tool_wheelhouse(n), TOOL_LOCKS[n]) for n in UNLOCKED)
    ):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        for directory in (wheelhouse(), *map(tool_wheelhouse, UNLOCKED)):
            index.add_directory(directory)
        site = Site(tmp_path / "site", index)
        site.env["PDM_PYPI_URL"] = index.url
        site.home.mkdir(parents=True)
        site.cache.mkdir()
        yield site
    shutil.rmtree(site.root)


@pytest.mark.long
@pytest.mark.parametrize("name", UNLOCKED)
def test_an_example_is_built_and_served_with_its_tool_at_launch_and_without(place: Site, name: str) -> None:
    shutil.copytree(EXAMPLES / name, place.app.path)
    place.app.write(".python-version", PYTHONS[-1])
    before = place.app.snapshot()

    assert set(place.build().layers.values()) == {"created"}
    assert set(place.build().layers.values()) == {"kept"}
    assert place.app.snapshot() == before
    with served(place) as url:
        content = page(url)
    assert content["message"] == "Hello from a layer"
    assert str(content["python"]).startswith(f"{PYTHONS[-1]}.")
    outside = [p for p in content["path"] if not str(p).startswith((str(place.layers), str(place.app.path)))]  # type: ignore[attr-defined]
    assert outside == []

    place.app.write("layerwright.toml", f"[{name}]\nlaunch = true\n")
    place.app.write("Procfile", f"web: {name} run gunicorn app:app\n")
    assert place.build().layers["venv"] == "kept"
    with served(place) as url:
        assert page(url)["message"] == "Hello from a layer"

    file, there, more = UNLOCKED[name]
    place.app.write(file, before[file].decode().replace(there, more))
    outcome = place.build(status=1)
    assert f"Run `{name} lock" in outcome.errors
    assert "venv" not in outcome.layers
    assert (place.site_packages / "flask").is_dir()
