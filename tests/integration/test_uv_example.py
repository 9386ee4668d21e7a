"""The FastAPI example, locked by uv when the test runs, built on two Pythons and served from its layers."""

from __future__ import annotations

import shutil
import signal
import socket
import time
import urllib.error
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import wheelhouse
from tests.integration.test_examples import EXAMPLES, PYTHONS, page
from tests.integration.uv_site import UvSite, is_filled, uv_wheelhouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration


@pytest.fixture
def place(tmp_path: Path) -> Iterator[UvSite]:
    if not is_filled() or not [*wheelhouse().glob("fastapi-*.whl")]:
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(wheelhouse())
        index.add_directory(uv_wheelhouse())
        site = UvSite(tmp_path / "site", index)
        site.home.mkdir(parents=True)
        site.cache.mkdir()
        shutil.copytree(EXAMPLES / "fastapi", site.app.path)
        site.relock()
        yield site
    shutil.rmtree(site.root)


@contextmanager
def served(site: UvSite) -> Iterator[str]:
    """Launch the default process; give the URL that it answers at. uvicorn ends by the signal that it is sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = site.start("run", env={"PORT": str(port)})
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM, output


def first_page(url: str) -> dict[str, object]:
    """Return the page at *url* as soon as something answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return page(url)
        except urllib.error.URLError:
            assert time.monotonic() < deadline, "nothing answers"
            time.sleep(0.05)


@pytest.mark.parametrize("python", PYTHONS)
def test_the_fastapi_example_is_served(place: UvSite, python: str) -> None:
    place.app.write(".python-version", python)

    outcome = place.build()

    assert outcome.layers["venv"] == "created"
    assert place.installed() == place.fresh()
    with served(place) as url:
        content = first_page(url)
    assert content["message"] == "Hello from a layer"
    assert str(content["python"]).startswith(f"{python}.")
    assert place.build().layers["venv"] == "kept"
