from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.frameworks.asked import BIND, MANAGE, line, process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


@pytest.mark.parametrize(
    ("servers", "command"),
    [
        (("gunicorn", "uvicorn"), f"gunicorn {BIND} greeting.wsgi:application"),
        (("waitress",), "waitress-serve --listen=0.0.0.0:${PORT:-8000} greeting.wsgi:application"),
        (("uvicorn",), "uvicorn --host 0.0.0.0 --port ${PORT:-8000} greeting.asgi:application"),
        (("daphne",), "daphne --bind 0.0.0.0 --port ${PORT:-8000} greeting.asgi:application"),
    ],
)
def test_a_django_project_is_served_by_what_is_installed(
    app: Application, servers: tuple[str, ...], command: str
) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    app.write("greeting/asgi.py", "")
    assert line(app, "django", *servers) == command
    found = process(app, "django", *servers)
    assert found.because == f"manage.py exists, and Django and {servers[0]} are installed"
    assert found.process.working_directory is None


def test_without_a_server_it_gets_djangos_own_with_a_warning(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    app.write("greeting/asgi.py", "")
    assert line(app, "django") == "python manage.py runserver --noreload 0.0.0.0:${PORT:-8000}"
    assert process(app, "django").warning.endswith("Add gunicorn to the application's dependencies.")


def test_settings_may_be_a_package_below_the_one_with_the_entry_point(app: Application) -> None:
    app.write("manage.py", "os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.production'\n")
    app.write("config/wsgi.py", "")
    assert line(app, "django", "gunicorn").endswith(" config.wsgi:application")


def test_settings_may_be_a_module_at_the_top(app: Application) -> None:
    app.write("manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n")
    app.write("wsgi.py", "application = None\n")
    assert line(app, "django", "gunicorn").endswith(" wsgi:application")


@pytest.mark.parametrize(
    "manage", ["", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')", "DJANGO_SETTINGS_MODULE"]
)
def test_a_project_whose_manage_py_leads_to_no_entry_point_is_not_guessed_at(
    app: Application, manage: str
) -> None:
    app.write("manage.py", manage)
    app.write("greeting/wsgi.py", "")
    assert "no wsgi.py or asgi.py beside the settings" in refused(app, "django", "gunicorn").because


def test_django_alone_does_not_make_a_django_project(app: Application) -> None:
    app.write("greeting/wsgi.py", "")
    assert refused(app, "django", "gunicorn", type_="").because


def test_an_entry_point_for_another_protocol_needs_another_server(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/asgi.py", "")
    found = refused(app, "django", "gunicorn")
    assert found.because == "manage.py exists, and no ASGI server is installed for greeting.asgi"
    assert found.remedy == "Add uvicorn to the application's dependencies."


# Where manage.py is


def test_where_manage_py_is_a_link_the_project_is_where_the_file_itself_is(app: Application) -> None:
    app.write("backend/manage.py", MANAGE)
    app.write("backend/greeting/wsgi.py", "")
    (app.path / "manage.py").symlink_to("backend/manage.py")
    assert line(app, "django", "gunicorn") == f"gunicorn {BIND} greeting.wsgi:application"
    assert process(app, "django", "gunicorn").process.working_directory == "backend"


def test_one_level_down_it_counts_if_there_is_one(app: Application) -> None:
    app.write("site/manage.py", MANAGE)
    app.write("site/greeting/wsgi.py", "")
    found = process(app, "django", "gunicorn")
    assert found.process.working_directory == "site"
    assert found.because == "site/manage.py exists, and Django and gunicorn are installed"
    app.write("other/manage.py", MANAGE)
    assert refused(app, "django", "gunicorn", type_="").because


def test_a_link_to_a_file_outside_leads_nowhere(app: Application) -> None:
    elsewhere = app.path.with_name("elsewhere")
    elsewhere.mkdir()
    (elsewhere / "manage.py").write_text(MANAGE)
    (app.path / "manage.py").symlink_to(elsewhere / "manage.py")
    app.write("greeting/wsgi.py", "")
    assert refused(app, "django", "gunicorn").because
