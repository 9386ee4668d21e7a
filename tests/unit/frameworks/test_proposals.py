"""Which kind of process is proposed, where an application could be of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright_frameworks import layerwright_settings
from layerwright_frameworks.settings import FrameworksSettings
from tests.unit.frameworks.asked import FASTAPI, FLASK, MANAGE, line, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


def test_the_settings_are_all_switches_that_are_on() -> None:
    assert layerwright_settings() is FrameworksSettings
    assert FrameworksSettings().collectstatic


def test_an_application_of_nothing_known_gets_no_process_and_is_told_what_was_looked_for(
    app: Application,
) -> None:
    app.write("shop.py", "")
    found = refused(app, "gunicorn", "requests", type_="")
    assert "no file such as main.py that starts the application" in found.because


def test_of_two_frameworks_in_two_files_neither_is_proposed(app: Application) -> None:
    app.write("main.py", FASTAPI)
    app.write("app.py", FLASK)
    found = refused(app, "fastapi", "flask", "gunicorn", "uvicorn")
    assert found.because == (
        "it found more than one application: app.py has app, a Flask application, and main.py has app,"
        " a FastAPI application"
    )
    assert found.remedy == (
        "Say which one to serve, in a Procfile: web: gunicorn --bind 0.0.0.0:${PORT:-8000} app:app"
    )


def test_a_framework_that_is_not_installed_does_not_count(app: Application) -> None:
    app.write("main.py", FASTAPI)
    app.write("app.py", FLASK)
    assert line(app, "fastapi", "uvicorn").endswith(" main:app")


def test_a_django_project_beside_an_application_is_ambiguous(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    app.write("main.py", FASTAPI)
    assert "manage.py has a Django project, and main.py has app" in (
        refused(app, "django", "fastapi", "gunicorn", "uvicorn").because
    )


def test_an_application_and_a_program_in_different_files_are_ambiguous(app: Application) -> None:
    app.write("main.py", FASTAPI)
    app.write("app.py", "import streamlit as st\n")
    found = refused(app, "fastapi", "streamlit", "uvicorn")
    assert "main.py has app, a FastAPI application, and app.py imports Streamlit" in found.because
    app.remove("main.py")
    app.write("demo.py", "import gradio\ngradio.Blocks().launch()\n")
    found = refused(app, "gradio", "streamlit")
    assert found.remedy == "Say which one to serve in a Procfile."


def test_an_application_with_a_program_in_the_same_file_is_served_as_an_application(app: Application) -> None:
    app.write(
        "app.py",
        f"import gradio\n{FASTAPI}app = gradio.mount_gradio_app(app, gradio.Blocks().launch(), '/')\n",
    )
    assert line(app, "fastapi", "gradio", "uvicorn").endswith(" app:app")
