from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.frameworks.asked import BIND, FASTAPI, FLASK, line, process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

UVICORN = "uvicorn --host 0.0.0.0 --port ${PORT:-8000}"
UWSGI = "uwsgi --http-socket 0.0.0.0:${PORT:-8000} --master --die-on-term --need-app --module"


@pytest.mark.parametrize(
    "file",
    [
        "app.py",
        "main.py",
        "wsgi.py",
        "server.py",
        "application.py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",
    ],
)
def test_an_application_is_found_in_files_with_the_usual_names(app: Application, file: str) -> None:
    app.write(file, FLASK)
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} {module}:app"
    assert (
        process(app, "flask", "gunicorn").because == f"{file} has app, and Flask and gunicorn are installed"
    )


@pytest.mark.parametrize(
    ("distribution", "source", "server"),
    [
        ("fastapi", "import fastapi\napp = fastapi.FastAPI()\n", UVICORN),
        ("starlette", "from starlette.applications import Starlette as S\napp = S(routes=[])\n", UVICORN),
        ("litestar", "from litestar import Litestar\napp = Litestar([])\n", UVICORN),
        ("quart", "from quart import Quart\napp = Quart(__name__)\n", UVICORN),
        ("falcon", "import falcon.asgi\napp = falcon.asgi.App()\n", UVICORN),
        ("falcon", "import falcon\napp = application = falcon.App()\n", f"gunicorn {BIND}"),
        ("bottle", "import bottle\napp = bottle.default_app()\n", f"gunicorn {BIND}"),
        ("bottle", "from bottle import *\napp = Bottle()\n", f"gunicorn {BIND}"),
        (
            "flask",
            "try:\n    from flask import Flask\nexcept ImportError:\n    raise\napp = Flask('a')\n",
            f"gunicorn {BIND}",
        ),
    ],
)
def test_each_framework_gets_a_server_for_its_protocol(
    app: Application, distribution: str, source: str, server: str
) -> None:
    app.write("app.py", source)
    # Quart and Dash need Flask, FastAPI needs Starlette.
    assert line(app, distribution, "flask", "starlette", "gunicorn", "uvicorn") == f"{server} app:app"


@pytest.mark.parametrize(
    ("server", "command"),
    [
        ("gunicorn", f"gunicorn {BIND} app:app"),
        ("waitress", "waitress-serve --listen=0.0.0.0:${PORT:-8000} app:app"),
        ("hypercorn", f"hypercorn {BIND} app:app"),
        ("granian", "granian --interface wsgi --host 0.0.0.0 --port ${PORT:-8000} app:app"),
        ("uwsgi", f"{UWSGI} app:app"),
        ("pyuwsgi", f"{UWSGI} app:app"),
    ],
)
def test_a_wsgi_application_is_served_by_what_is_installed(
    app: Application, server: str, command: str
) -> None:
    app.write("app.py", FLASK)
    assert line(app, "flask", server, "uvicorn") == command


@pytest.mark.parametrize(
    ("servers", "command"),
    [
        (("uvicorn",), f"{UVICORN} main:app"),
        (("hypercorn",), f"hypercorn {BIND} main:app"),
        (("granian",), "granian --interface asgi --host 0.0.0.0 --port ${PORT:-8000} main:app"),
        (("daphne",), "daphne --bind 0.0.0.0 --port ${PORT:-8000} main:app"),
        (
            ("uvicorn-worker", "gunicorn", "uvicorn"),
            f"gunicorn {BIND} --worker-class uvicorn_worker.UvicornWorker main:app",
        ),
    ],
)
def test_an_asgi_application_is_served_by_what_is_installed(
    app: Application, servers: tuple[str, ...], command: str
) -> None:
    app.write("main.py", FASTAPI)
    assert line(app, "fastapi", *servers) == command


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import flask\nsite: flask.Flask = flask.Flask(__name__)\n", "site"),
        ("from flask import Flask\nadmin = Flask('a')\napplication = Flask('b')\n", "application"),
        ("from flask import Flask\nwith open('a'):\n    shop = Flask('a')\n", "shop"),
    ],
)
def test_the_name_is_that_of_what_the_constructor_returns(app: Application, source: str, name: str) -> None:
    app.write("app.py", source)
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} app:{name}"


@pytest.mark.parametrize(
    "source",
    [
        "print('flask')\n",
        "from shop import Flask\napp = Flask()\n",
        "from . import Flask\napp = Flask()\n",
        "Flask = print\napp = Flask('flask')\n",
        "import flask\ndef create_app():\n    return 'Flask'\n",
        "from flask import Flask\ndef build():\n    return Flask()\n",
        "from flask import Flask\nif __name__ == '__main__':\n    app = Flask('a')\n",
        "from flask import Flask\napp: Flask\nthis.that, other = Flask('a'), 1\napps[0]()()\napp = apps[0]('a')\n",
        "from flask import Flask\napp = Flask(\n",
        "from flask import Flask\napp = Flask()\0\n",
    ],
)
def test_what_a_server_cannot_import_is_run_as_a_file(app: Application, source: str) -> None:
    app.write("app.py", source)
    assert line(app, "flask", "gunicorn") == "python app.py"


def test_of_two_names_without_a_usual_one_neither_is_chosen(app: Application) -> None:
    app.write("app.py", "from flask import Flask\na = Flask('a')\nb = Flask('b')\n")
    found = refused(app, "flask", "gunicorn")
    assert "app.py has a, a Flask application, and app.py has b, a Flask application" in found.because
    assert found.remedy.endswith(f"web: gunicorn {BIND} app:a")


@pytest.mark.parametrize(
    ("server", "command"),
    [
        ("gunicorn", f"gunicorn {BIND} 'app:create_app()'"),
        ("waitress", "waitress-serve --listen=0.0.0.0:${PORT:-8000} --call app:create_app"),
        ("hypercorn", f"hypercorn {BIND} 'app:create_app()'"),
        ("granian", "granian --interface wsgi --host 0.0.0.0 --port ${PORT:-8000} --factory app:create_app"),
        ("uwsgi", f"{UWSGI} 'app:create_app()'"),
    ],
)
def test_a_factory_is_called_as_each_server_wants_it(app: Application, server: str, command: str) -> None:
    app.write("app.py", "import flask\ndef create_app():\n    app = flask.Flask(__name__)\n    return app\n")
    assert line(app, "flask", server) == command
    assert (
        process(app, "flask", server).because
        == f"app.py has create_app, and Flask and {server} are installed"
    )


def test_a_factory_of_an_asgi_application_is_called_by_uvicorn_and_not_by_daphne(app: Application) -> None:
    app.write("shop/__init__.py", "from fastapi import FastAPI\ndef make_app():\n    return FastAPI()\n")
    assert line(app, "fastapi", "uvicorn") == f"{UVICORN} --factory shop:make_app"
    assert refused(app, "fastapi", "daphne").remedy == "Add uvicorn to the application's dependencies."


def test_a_factory_that_is_called_is_served_by_the_name_of_its_result(app: Application) -> None:
    app.write("main.py", "import flask\ndef create_app():\n    return flask.Flask('a')\napp = create_app()\n")
    assert line(app, "flask", "gunicorn").endswith(" main:app")


def test_the_file_that_calls_the_factory_of_a_package_wins_over_the_package(app: Application) -> None:
    app.write("shop/__init__.py", "from flask import Flask\ndef create_app():\n    return Flask('a')\n")
    assert line(app, "flask", "gunicorn").endswith(" 'shop:create_app()'")
    app.write("main.py", "from shop import create_app\napp = create_app()\n")
    assert line(app, "flask", "gunicorn").endswith(" main:app")


def test_what_an_imported_factory_returns_is_of_the_only_framework(app: Application) -> None:
    app.write("main.py", "import shop\napp = shop.create_app()\n")
    assert line(app, "quart", "flask", "hypercorn") == f"hypercorn {BIND} main:app"
    assert line(app, "flask", "falcon", "gunicorn") == "python main.py"


@pytest.mark.parametrize(
    "source", ["from shop import app\n", "from shop import create_app\napp = create_app()\n"]
)
def test_wsgi_py_is_what_a_server_is_to_load(app: Application, source: str) -> None:
    app.write("app.py", FLASK)
    app.write("wsgi.py", source)
    assert line(app, "flask", "gunicorn").endswith(" wsgi:app")


def test_wsgi_py_of_an_unknown_framework_is_served_too(app: Application) -> None:
    app.write("wsgi.py", "from shop import application\n")
    assert line(app, "gunicorn") == f"gunicorn {BIND} wsgi:application"
    assert process(app, "gunicorn").because == "wsgi.py has application, and gunicorn is installed"
    app.write("wsgi.py", "import shop\n")
    assert refused(app, "gunicorn", type_="").because


def test_of_wsgi_py_and_asgi_py_the_one_with_a_server_is_served(app: Application) -> None:
    app.write("wsgi.py", "from shop import app\n")
    app.write("asgi.py", "from shop import app\n")
    assert line(app, "flask", "uvicorn") == f"{UVICORN} asgi:app"
    assert line(app, "flask", "gunicorn", "uvicorn") == f"gunicorn {BIND} wsgi:app"


def test_what_wsgi_py_makes_decides_its_protocol(app: Application) -> None:
    app.write("wsgi.py", FASTAPI)
    assert line(app, "fastapi", "flask", "gunicorn", "uvicorn") == f"{UVICORN} wsgi:app"


def test_in_two_files_with_an_application_neither_is_proposed(app: Application) -> None:
    app.write("app.py", FLASK)
    app.write("main.py", FLASK)
    found = refused(app, "flask")
    assert found.remedy.endswith(f"web: gunicorn {BIND} app:app")


def test_a_package_is_only_looked_into_if_there_is_one(app: Application) -> None:
    for package in ("shop", "till", "tests", ".cache"):
        app.write(f"{package}/__init__.py", FLASK)
    assert refused(app, "flask", "gunicorn", type_="").because


def test_an_application_in_another_file_at_the_top_is_found(app: Application) -> None:
    app.write("shop.py", FLASK)
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} shop:app"
    app.write("conftest.py", FLASK)
    app.write("test_shop.py", FLASK)
    app.write("factories.py", "from flask import Flask\ndef create_app():\n    return Flask(__name__)\n")
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} shop:app"
    app.write("till.py", FLASK)
    found = refused(app, "flask", "gunicorn")
    assert found.remedy == f"Say which one to serve, in a Procfile: web: gunicorn {BIND} shop:app"
    app.write("app.py", FLASK)
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} app:app"


def test_the_file_that_calls_a_factory_wins_over_it_unless_several_do(app: Application) -> None:
    app.write("shop/__init__.py", "from flask import Flask\ndef create_app(name):\n    return Flask(name)\n")
    app.write("flasky.py", "from shop import create_app\napp = create_app('production')\n")
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} flasky:app"
    app.write("seed.py", "from shop import create_app\napp = create_app('test')\n")
    assert line(app, "flask", "gunicorn") == f"gunicorn {BIND} 'shop:create_app()'"


def test_a_flask_application_without_a_server_gets_flasks_own_with_a_warning(app: Application) -> None:
    app.write("app.py", FLASK)
    assert line(app, "flask") == "env FLASK_APP=app:app flask run --host 0.0.0.0 --port ${PORT:-8000}"
    found = process(app, "flask")
    assert found.because == "app.py has app, and Flask is installed, but no server"
    assert "development server" in found.warning
    assert found.warning.endswith("Add gunicorn to the application's dependencies.")


@pytest.mark.parametrize(
    ("distribution", "source", "because", "server"),
    [
        (
            "fastapi",
            FASTAPI,
            "main.py has app, a FastAPI application, and no ASGI server is installed",
            "uvicorn",
        ),
        (
            "falcon",
            "import falcon\napp = falcon.App()\n",
            "main.py has app, a Falcon application, and no WSGI server is installed",
            "gunicorn",
        ),
    ],
)
def test_without_a_server_for_its_protocol_it_says_which_one_to_add(
    app: Application, distribution: str, source: str, because: str, server: str
) -> None:
    app.write("main.py", source)
    found = refused(app, distribution)
    assert (found.because, found.remedy) == (because, f"Add {server} to the application's dependencies.")


def test_an_asgi_py_of_an_unknown_framework_without_a_server_is_named(app: Application) -> None:
    app.write("asgi.py", "from shop import app\n")
    found = refused(app, "gunicorn")
    assert found.because == "asgi.py has app, an ASGI application, and no ASGI server is installed"


def test_a_dash_application_is_served_by_its_server(app: Application) -> None:
    app.write("app.py", "from dash import Dash\napp = Dash(__name__)\nserver = app.server\n")
    assert line(app, "dash", "flask", "gunicorn") == f"gunicorn {BIND} app:server"
    app.write("app.py", "from dash import Dash\napp = Dash(__name__)\n")
    found = refused(app, "dash", "flask", "gunicorn")
    assert '"server = app.server"' in found.remedy
    app.write("main.py", FLASK)
    assert (
        "app.py has a Dash application, and main.py has app"
        in refused(app, "dash", "flask", "gunicorn").because
    )


def test_a_file_that_cannot_be_read_or_is_outside_is_left_alone(app: Application) -> None:
    (app.path / "app.py").symlink_to("nowhere.py")
    outside = app.path.with_name("outside.py")
    outside.write_text(FLASK)
    (app.path / "main.py").symlink_to(outside)
    assert refused(app, "flask", "gunicorn", type_="").because


# The only import package


PROJECT = '[project]\nname = "Shop_Till"\nscripts.shop = "shop.cli:main"\n'


@pytest.mark.parametrize("file", ["__init__.py", "main.py", "app.py", "server.py", "api.py", "asgi.py"])
def test_an_application_in_the_installed_package_wins_over_the_script_of_the_project(
    app: Application, file: str
) -> None:
    app.write("pyproject.toml", PROJECT)
    app.write("src/shop/__init__.py", "")
    app.write("src/shop/cli.py", "def main():\n    import uvicorn\n    uvicorn.run('shop.main:app')\n")
    app.write(f"src/shop/{file}", FASTAPI)
    module = f"shop.{file}".removesuffix(".py").removesuffix(".__init__")
    assert line(app, "shop-till", "fastapi", "uvicorn") == (
        f"uvicorn --host 0.0.0.0 --port ${{PORT:-8000}} {module}:app"
    )
    # Without it, only the script is left.
    app.remove(f"src/shop/{file}")
    app.write("src/shop/__init__.py", "")
    assert line(app, "shop-till", "fastapi", "uvicorn") == "shop"


def test_a_package_in_src_that_is_not_installed_cannot_be_imported(app: Application) -> None:
    app.write("pyproject.toml", PROJECT)
    assert line(app, "shop-till", "fastapi", "uvicorn") == "shop"
    app.write("src/shop/__init__.py", FASTAPI)
    assert refused(app, "fastapi", "uvicorn", type_="").because.startswith("it found no Django project")


def test_a_package_at_the_top_needs_no_installation_even_if_it_is_called_src(app: Application) -> None:
    app.write("src/__init__.py", "")
    app.write("src/main.py", FASTAPI)
    assert line(app, "fastapi", "uvicorn").endswith(" src.main:app")


@pytest.mark.parametrize(
    "source",
    [
        "import uvicorn\ndef main():\n    uvicorn.run(build(), host=config.host, port=config.port)\n",
        "from waitress import serve\ndef main():\n    serve(app, host='0.0.0.0', port=int(os.environ['PORT']))\n",
    ],
)
def test_a_script_that_runs_a_server_where_its_settings_say_wins_over_the_application(
    app: Application, source: str
) -> None:
    app.write("pyproject.toml", PROJECT)
    app.write("src/shop/__init__.py", "")
    app.write("src/shop/main.py", FASTAPI)
    app.write("src/shop/api.py", FASTAPI)
    app.write("src/shop/cli.py", source)
    found = process(app, "shop-till", "fastapi", "uvicorn")
    assert (found.process.command, found.fallback) == (("shop",), False)
    assert found.because == "shop is the only script in [project.scripts], and runs a server"
    for other in (
        "def main(): ...\n",
        "import uvicorn\ndef main(): uvicorn.run('x', host='0.0.0.0', port=80)\n",
    ):
        app.write("src/shop/cli.py", other)
        assert refused(app, "shop-till", "fastapi", "uvicorn").because.startswith("it found more than one")
