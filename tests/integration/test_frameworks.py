"""The frameworks plugin with real frameworks: static files collected, and applications served without a Procfile."""

from __future__ import annotations

import json
import shutil
import signal
import urllib.request
from typing import TYPE_CHECKING

import pytest

from layerwright.testing.distributions import source_tree
from layerwright.testing.loopback.index import PackageIndex
from tests.fixtures.wheelhouse import is_complete, wheelhouse
from tests.integration.site import Site
from tests.integration.test_examples import EXAMPLES, PYTHONS, page, served

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

COLLECTED = "1 static file copied to"
STATIC = """
INSTALLED_APPS = ["django.contrib.staticfiles", "greeting"]
STATIC_URL = "static/"
STATIC_ROOT = "collected"
"""
SERVED_STATIC = """
from django.conf import settings
from django.views.static import serve
urlpatterns.append(path("static/<path:path>", serve, {"document_root": settings.STATIC_ROOT}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site whose virtual environment has every framework, so that it is filled once."""
    if not is_complete(wheelhouse()):
        pytest.skip("the wheelhouse is not filled: run python -m tests.fixtures.wheelhouse")
    with PackageIndex() as index:
        index.add_directory(wheelhouse())
        site = Site(tmp_path_factory.mktemp("frameworks") / "site", index)
        site.make_directories()
        yield site
    shutil.rmtree(site.root)


@pytest.fixture
def place(built: Site) -> Site:
    """Return that site, with nothing in its application but what is installed for it."""
    shutil.rmtree(built.app.path)
    built.app.path.mkdir()
    built.app.write("requirements.txt", "django\nfastapi\nflask\ngunicorn\nuvicorn\n")
    built.app.write(".python-version", PYTHONS[-1])
    return built


def copy(place: Site, example: str, *names: str) -> None:
    for name in names:
        source, target = EXAMPLES / example / name, place.app.path / name
        _ = shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)


def with_static_files(place: Site) -> None:
    copy(place, "django", "manage.py", "greeting")
    for name, more in (("settings.py", STATIC), ("urls.py", SERVED_STATIC)):
        file = place.app.path / "greeting" / name
        file.write_text(file.read_text() + more)
    place.app.write("greeting/static/style.css", "body { color: green }\n")


def test_a_django_project_is_served_with_its_static_files(place: Site) -> None:
    with_static_files(place)

    outcome = place.build()

    assert "$ python manage.py collectstatic --noinput" in outcome.log
    assert COLLECTED in outcome.log
    assert (
        '  web (default): exec gunicorn --bind 0.0.0.0:${PORT:-8000} greeting.wsgi:application "$@"'
        "  [layerwright-frameworks 0.1.0, because manage.py exists, and Django and gunicorn are installed]\n"
    ) in outcome.log
    with served(place) as url:
        assert page(url)["message"] == "Hello from a layer"
        with urllib.request.urlopen(f"{url}static/style.css", timeout=30) as response:
            assert response.read() == b"body { color: green }\n"

    shutil.rmtree(place.app.path / "collected")
    again = place.build()
    assert again.layers["venv"] == "kept"
    assert COLLECTED in again.log


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("STATIC_ROOT = 'collected'\n", "django.contrib.staticfiles is not among INSTALLED_APPS"),
        ("INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = None\n", "STATIC_ROOT is not set"),
    ],
    ids=["not installed", "no root"],
)
def test_where_there_is_nothing_to_collect_the_log_says_so(place: Site, settings: str, reason: str) -> None:
    copy(place, "django", "manage.py", "greeting")
    file = place.app.path / "greeting" / "settings.py"
    file.write_text(file.read_text() + settings)

    assert f"    No static files are collected: {reason}.\n" in place.build().log


def test_a_project_behind_a_link_is_served_where_it_is_and_asked_for_nothing(place: Site) -> None:
    copy(place, "django", "manage.py", "greeting")
    backend = place.app.path / "backend"
    backend.mkdir()
    for name in ("manage.py", "greeting"):
        (place.app.path / name).rename(backend / name)
    (place.app.path / "manage.py").symlink_to("backend/manage.py")

    log = place.build().log

    assert "collectstatic" not in log
    assert "because backend/manage.py exists" in log
    with served(place) as url:
        assert page(url)["message"] == "Hello from a layer"


def test_settings_that_need_a_variable_fail_in_djangos_words_and_then_ours(place: Site) -> None:
    with_static_files(place)
    file = place.app.path / "greeting" / "settings.py"
    file.write_text(f"{file.read_text()}\nSECRET_KEY = os.environ['SECRET_KEY']\n")

    failed = place.build(status=1)

    assert "    KeyError: 'SECRET_KEY'\n" in failed.log
    assert "python manage.py collectstatic --noinput ended with status 1." in failed.errors
    assert "/errors.html#collectstatic-failed" in failed.errors
    assert "frameworks.collectstatic false" in failed.errors
    assert COLLECTED in place.build(env={"SECRET_KEY": "none"}).log

    place.layerwright("config", "set", "frameworks.collectstatic", "false")
    assert "frameworks.collectstatic  false" in place.layerwright("config").log
    assert "collectstatic" not in place.build().log


@pytest.mark.parametrize(
    ("example", "file", "because", "ends"),
    [
        ("flask", "app.py", "app.py has app, and Flask and gunicorn are installed", 0),
        # Once it has closed its connections, uvicorn leaves it to the signal to end it.
        ("fastapi", "main.py", "main.py has app, and FastAPI and uvicorn are installed", -signal.SIGTERM),
    ],
    ids=["flask", "fastapi"],
)
def test_an_application_in_one_file_is_served_without_a_procfile(
    place: Site, example: str, file: str, because: str, ends: int
) -> None:
    shutil.copy(EXAMPLES / example / "app.py", place.app.path / file)
    place.build()
    [process] = json.loads(place.layerwright("explain", "--json").log)["processes"]
    assert process["origin"] == f"layerwright-frameworks 0.1.0, because {because}"
    with served(place, ends=ends) as url:
        assert page(url)["message"] == "Hello from a layer"


def test_a_package_in_src_is_served_by_the_server_rather_than_by_its_script(place: Site) -> None:
    files = source_tree("shop", "1.0", entry_points={"shop": "shop.cli:main"})
    table = '\n[project]\nname = "shop"\nversion = "1.0"\nscripts.shop = "shop.cli:main"\n'
    for name, text in {**files, "pyproject.toml": files["pyproject.toml"] + table}.items():
        place.app.write(name, text)
    place.app.write("src/shop/cli.py", "def main():\n    print('This is not a server.')\n")
    shutil.copy(EXAMPLES / "fastapi" / "app.py", place.app.path / "src" / "shop" / "main.py")
    place.app.write("requirements.txt", (place.app.path / "requirements.txt").read_text() + ".\n")
    assert "src/shop/main.py has app, and FastAPI and uvicorn are installed" in place.build().log
    with served(place, ends=-signal.SIGTERM) as url:
        assert page(url)["message"] == "Hello from a layer"


def test_the_procfile_wins(place: Site) -> None:
    copy(place, "flask", "app.py", "Procfile")
    assert "  web (default): gunicorn app:app  [Procfile]\n" in place.build().log
