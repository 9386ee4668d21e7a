"""The example with Poetry, built on two Pythons and served over HTTP from its layers."""

from __future__ import annotations

import re
import shutil
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.poetry import content_hash
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.poetry_site import PoetryIndex, PoetrySite, poetry_is_there
from tests.integration.test_examples import EXAMPLES, PYTHONS, page, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE = EXAMPLES / "django-poetry"


def from_index(pyproject: str, lock: str, url: str) -> tuple[str, str]:
    """Return *pyproject* and *lock* with the index at *url* as the source of everything."""
    pyproject += f'\n[[tool.poetry.source]]\nname = "loopback"\nurl = "{url}"\npriority = "primary"\n'
    source = f'[package.source]\ntype = "legacy"\nurl = "{url.rstrip("/")}"\nreference = "loopback"\n\n'
    head, *packages = re.split(r"(?=^\[\[package\]\]|^\[metadata\])", lock, flags=re.MULTILINE)
    metadata = re.sub('(?<=content-hash = ").*(?=")', content_hash(tomllib.loads(pyproject)), packages.pop())
    return pyproject, "".join([head, *(package + source for package in packages), metadata])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[PoetrySite]:
    """Return a site with the example, and an index with all that it needs."""
    if not (poetry_is_there() and is_complete(wheelhouse())):
        pytest.skip("the wheelhouses are not filled: run python -m tests.fixtures.wheelhouse")
    with PoetryIndex() as index:
        index.reset()
        index.add_directory(wheelhouse())
        site = PoetrySite(tmp_path / "site", index)
        site.furnish()
        shutil.rmtree(site.app.path)
        shutil.copytree(EXAMPLE, site.app.path)
        files = ("pyproject.toml", "poetry.lock")
        texts = from_index(*((EXAMPLE / name).read_text() for name in files), index.url)
        for name, text in zip(files, texts, strict=True):
            site.app.write(name, text)
        yield site
    shutil.rmtree(site.root)


def test_the_lock_file_fits_and_names_no_index() -> None:
    lock = tomllib.loads((EXAMPLE / "poetry.lock").read_text())
    pyproject = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())
    assert lock["metadata"]["content-hash"] == content_hash(pyproject)
    assert [package["name"] for package in lock["package"] if "source" in package] == []


@pytest.mark.integration
@pytest.mark.long
@pytest.mark.parametrize("python", PYTHONS)
def test_the_django_example_is_served(place: PoetrySite, python: str) -> None:
    place.app.write(".python-version", python)

    assert place.build().layers["venv"] == "created"

    with served(place) as url:
        content = page(url)
    assert content["message"] == "Hello from a layer"
    assert str(content["python"]).startswith(f"{python}.")
    outside = [p for p in content["path"] if not str(p).startswith((str(place.layers), str(place.app.path)))]  # type: ignore[attr-defined]
    assert outside == []
    assert place.build().layers["venv"] == "kept"
