from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from layerwright.testing import hook_context
from layerwright_frameworks import layerwright_processes, layerwright_settings
from layerwright_frameworks.settings import FrameworksSettings

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

BIND = "--bind 0.0.0.0:${PORT:-8000}"
MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "greeting.settings")\n'
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"


def proposed(app: Application, *distributions: str) -> tuple[str, str] | None:
    """Return the command line that is proposed, and why."""
    context = hook_context(app, distributions=distributions, settings=FrameworksSettings())
    found = list(layerwright_processes(context))
    if not found:
        return None
    [one] = found
    assert one.process.type == "web"
    assert one.process.command[:2] == ("sh", "-c")
    return one.process.command[2].removeprefix("exec "), one.because


def test_the_settings_are_all_switches_that_are_on() -> None:
    assert layerwright_settings() is FrameworksSettings
    assert FrameworksSettings().collectstatic


def test_nothing_of_the_plugin_is_imported_for_other_applications(app: Application) -> None:
    sys.modules.pop("layerwright_frameworks.proposals", None)
    assert proposed(app, "gunicorn", "requests") is None
    assert "layerwright_frameworks.proposals" not in sys.modules


# Django


@pytest.mark.parametrize(
    ("servers", "line"),
    [
        (("gunicorn", "uvicorn"), f"gunicorn {BIND} greeting.wsgi:application"),
        (("waitress",), "waitress-serve --listen=0.0.0.0:${PORT:-8000} greeting.wsgi:application"),
        (("uvicorn",), "uvicorn --host 0.0.0.0 --port ${PORT:-8000} greeting.asgi:application"),
    ],
)
def test_a_django_project_is_served_by_what_is_installed(
    app: Application, servers: tuple[str, ...], line: str
) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    app.write("greeting/asgi.py", "")
    because = f"manage.py exists, and Django and {servers[0]} are installed"
    assert proposed(app, "django", *servers) == (line, because)


def test_no_development_server_is_proposed(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    assert proposed(app, "django") is None


def test_settings_may_be_a_package_below_the_one_with_the_entry_point(app: Application) -> None:
    app.write("manage.py", "os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.production'\n")
    app.write("config/wsgi.py", "")
    found = proposed(app, "django", "gunicorn")
    assert found is not None
    assert found[0].endswith(" config.wsgi:application")


@pytest.mark.parametrize(
    "manage", ["", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')", "DJANGO_SETTINGS_MODULE"]
)
def test_a_project_whose_manage_py_names_no_package_is_not_guessed_at(app: Application, manage: str) -> None:
    app.write("manage.py", manage)
    app.write("greeting/wsgi.py", "")
    assert proposed(app, "django", "gunicorn") is None


def test_django_alone_does_not_make_a_django_project(app: Application) -> None:
    app.write("greeting/wsgi.py", "")
    assert proposed(app, "django", "gunicorn") is None


def test_an_entry_point_for_another_protocol_is_none(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/asgi.py", "")
    assert proposed(app, "django", "gunicorn") is None


# Flask


@pytest.mark.parametrize("file", ["app.py", "main.py", "wsgi.py"])
def test_a_flask_application_is_found_where_flask_looks(app: Application, file: str) -> None:
    app.write(file, FLASK)
    module = file.removesuffix(".py")
    assert proposed(app, "flask", "gunicorn") == (
        f"gunicorn {BIND} {module}:app",
        f"{file} has app, and Flask and gunicorn are installed",
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import flask\nsite: flask.Flask = flask.Flask(__name__)\n", "site"),
        ("admin = Flask('a')\napplication = Flask('b')\n", "application"),
        ("app, other = Flask('a'), 1\nthis.that = 5\napplication: Flask\nonly = one = Flask('b')\n", None),
        ("a = Flask('a')\nb = Flask('b')\n", None),
        ("print('Flask')\n", None),
        ("def create_app():\n    return 'Flask'\n", None),
        ("def build():\n    return Flask()\n", None),
        ("app = Flask(\n", None),
        ("app = Flask()\0\n", None),
    ],
)
def test_the_name_is_that_of_what_flask_returns(app: Application, source: str, name: str | None) -> None:
    app.write("app.py", source)
    found = proposed(app, "flask", "gunicorn")
    assert found == (None if name is None else (f"gunicorn {BIND} app:{name}", found and found[1]))


@pytest.mark.parametrize(
    ("server", "line"),
    [
        ("gunicorn", f"gunicorn {BIND} 'app:create_app()'"),
        ("waitress", "waitress-serve --listen=0.0.0.0:${PORT:-8000} --call app:create_app"),
        ("hypercorn", f"hypercorn {BIND} 'app:create_app()'"),
    ],
)
def test_a_factory_is_called_as_each_server_wants_it(app: Application, server: str, line: str) -> None:
    app.write("app.py", "def create_app():\n    app = Flask(__name__)\n    return app\n")
    assert proposed(app, "flask", server) == (
        line,
        f"app.py has create_app, and Flask and {server} are installed",
    )


@pytest.mark.parametrize(
    "source", ["from shop import app\n", "from shop import create_app\napp = create_app()\n"]
)
def test_wsgi_py_is_what_a_server_is_to_load(app: Application, source: str) -> None:
    app.write("app.py", FLASK)
    app.write("wsgi.py", source)
    found = proposed(app, "flask", "gunicorn")
    assert found is not None
    assert found[0].endswith(" wsgi:app")


def test_of_two_files_with_an_application_neither_is_proposed(app: Application) -> None:
    app.write("app.py", FLASK)
    app.write("main.py", FLASK)
    assert proposed(app, "flask", "gunicorn") is None


def test_a_flask_application_without_a_server_is_not_proposed(app: Application) -> None:
    app.write("app.py", FLASK)
    assert proposed(app, "flask") is None


# FastAPI


@pytest.mark.parametrize(
    ("servers", "line"),
    [
        (("uvicorn",), "uvicorn --host 0.0.0.0 --port ${PORT:-8000} main:app"),
        (("hypercorn",), f"hypercorn {BIND} main:app"),
        (
            ("uvicorn-worker", "gunicorn", "uvicorn"),
            f"gunicorn {BIND} --worker-class uvicorn_worker.UvicornWorker main:app",
        ),
    ],
)
def test_a_fastapi_application_is_served_by_what_is_installed(
    app: Application, servers: tuple[str, ...], line: str
) -> None:
    app.write("main.py", FASTAPI)
    assert proposed(app, "fastapi", *servers) == (
        line,
        f"main.py has app, and FastAPI and {servers[0]} are installed",
    )


def test_a_fastapi_application_may_be_in_the_directory_app(app: Application) -> None:
    app.write("app/main.py", FASTAPI)
    found = proposed(app, "fastapi", "uvicorn")
    assert found is not None
    assert found[0].endswith(" app.main:app")


def test_a_fastapi_application_without_a_server_or_in_two_files_is_not_proposed(app: Application) -> None:
    app.write("main.py", FASTAPI)
    assert proposed(app, "fastapi", "gunicorn") is None
    app.write("api.py", FASTAPI)
    assert proposed(app, "fastapi", "uvicorn") is None


def test_of_two_frameworks_neither_is_proposed(app: Application) -> None:
    app.write("main.py", FASTAPI)
    app.write("app.py", FLASK)
    assert proposed(app, "fastapi", "flask", "gunicorn", "uvicorn") is None
    assert proposed(app, "fastapi", "flask", "uvicorn") is not None
