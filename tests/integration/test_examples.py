"""Real applications, built on two Pythons and served over HTTP from their layers."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import sdist
from layerwright.testing.loopback.index import PackageIndex
from layerwright.testing.machine import interpreters
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("cc") is None and shutil.which("gcc") is None, reason="needs a C compiler"
    ),
]

EXAMPLES = Path(__file__).parents[2] / "examples"
# Django's newest release needs 3.12, the oldest Python here 5.2: both are in the wheelhouse.
_MINORS = [minor for minor in interpreters() if minor in ("3.11", "3.12", "3.13", "3.14")]
# The oldest and the newest.
PYTHONS = _MINORS[:1] + _MINORS[1:][-1:]

DJANGO = """\
import sys
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
import native

def home(request):
    return JsonResponse({"python": sys.version.split()[0], "answer": native.answer()})

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="none")
urlpatterns = [path("", home)]
application = get_wsgi_application()
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Site]:
    """Return a site whose index is the wheelhouse, and has a C extension as an sdist as well."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(wheelhouse())
        index.add(sdist("native", "1.0", c_extension=True))
        site = Site(tmp_path / "site", index)
        site.furnish()
        site.app.remove("main.py")
        yield site
    shutil.rmtree(site.root)


@contextmanager
def served(site: Site, *words: str, ends: int = 0) -> Iterator[str]:
    """Launch the default process; give the URL that it answers at, and end it as a platform does, with *ends*.

    *words* choose the application.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = site.start("run", *words, env={"PORT": str(port)})
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(url, timeout=30).close()
                break
            except urllib.error.URLError:
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < deadline, "nothing answers"
                time.sleep(0.05)
        yield url
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == ends


def page(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url, timeout=30) as response:
        content: dict[str, object] = json.loads(response.read())
        return content


@pytest.mark.parametrize("python", PYTHONS)
def test_the_flask_example_is_served(place: Site, python: str) -> None:
    shutil.copytree(EXAMPLES / "flask", place.app.path, dirs_exist_ok=True)
    place.app.write(".python-version", python)

    assert place.build().layers["venv"] == "created"

    with served(place) as url:
        content = page(url)
    assert content["message"] == "Hello from a layer"
    assert str(content["python"]).startswith(f"{python}.")
    outside = [p for p in content["path"] if not str(p).startswith((str(place.layers), str(place.app.path)))]  # type: ignore[attr-defined]
    assert outside == []


@pytest.mark.parametrize("python", PYTHONS)
def test_a_django_application_with_a_c_extension_is_served(place: Site, python: str) -> None:
    place.app.write("site.py", DJANGO)
    place.app.remove("site.py")
    place.app.write("shop.py", DJANGO)
    place.app.write("requirements.txt", "django\ngunicorn\nnative\n")
    place.app.write("Procfile", "web: gunicorn --bind 127.0.0.1:$PORT shop\n")
    place.app.write(".python-version", python)

    outcome = place.build()

    assert re.search(r"Building wheel for native|native-1\.0", outcome.log)
    with served(place) as url:
        content = page(url)
    assert content["answer"] == 42
    assert str(content["python"]).startswith(f"{python}.")
    assert place.build().layers["venv"] == "kept"
