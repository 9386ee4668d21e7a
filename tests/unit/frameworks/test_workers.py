from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.frameworks.asked import FLASK, MANAGE, answers, line, process, refused

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

CELERY = "from celery import Celery\napp = Celery('shop')\n"


@pytest.mark.parametrize("file", ["tasks.py", "celery_app.py", "shop/celery.py"])
def test_a_celery_application_has_a_worker_beside_the_web_process(app: Application, file: str) -> None:
    app.write("app.py", FLASK)
    app.write("shop/__init__.py", "")
    app.write(file, CELERY)
    module = file.removesuffix(".py").replace("/", ".")
    assert line(app, "celery", "flask", "gunicorn", type_="worker") == (
        f"celery --app {module}:app worker --loglevel info"
    )
    assert line(app, "celery", "flask", "gunicorn").startswith("gunicorn ")


def test_a_worker_may_be_all_that_there_is(app: Application) -> None:
    app.write("main.py", CELERY)
    [found] = answers(app, "celery")
    assert found == process(app, "celery", type_="worker")


def test_of_two_celery_applications_neither_is_proposed(app: Application) -> None:
    app.write("tasks.py", CELERY)
    app.write("worker.py", CELERY)
    found = refused(app, "celery", type_="worker")
    assert found.because == "more than one file has a Celery application: worker.py, tasks.py"
    assert "worker: celery --app worker:app worker" in found.remedy


def test_celery_without_an_application_is_only_a_dependency(app: Application) -> None:
    app.write("tasks.py", "from celery import shared_task\n")
    app.write("main.py", "")
    [found] = answers(app, "celery")
    assert found == process(app, "celery")


@pytest.mark.parametrize("settings", ["greeting.settings", "greeting.settings.production"])
def test_the_worker_of_a_django_project_is_beside_its_settings_and_runs_beside_manage_py(
    app: Application, settings: str
) -> None:
    app.write("site/manage.py", MANAGE.replace("greeting.settings", settings))
    app.write("site/greeting/wsgi.py", "")
    app.write("site/greeting/celery.py", CELERY)
    found = process(app, "django", "celery", "gunicorn", type_="worker")
    assert "celery --app greeting.celery:app worker" in found.process.command[2]
    assert found.process.working_directory == "site"


def test_a_django_project_at_the_top_has_its_worker_there(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    app.write("greeting/celery.py", CELERY)
    assert process(app, "django", "celery", type_="worker").process.working_directory is None


def test_django_rq_has_a_command_of_its_own(app: Application) -> None:
    app.write("manage.py", MANAGE)
    app.write("greeting/wsgi.py", "")
    assert line(app, "django", "rq", "django-rq", type_="worker") == "python manage.py rqworker default"


def test_an_application_that_imports_rq_has_a_worker(app: Application) -> None:
    app.write("app.py", f"from rq import Queue\n{FLASK}")
    assert line(app, "flask", "rq", type_="worker") == "rq worker --url ${REDIS_URL:-redis://localhost:6379}"
    app.write("worker.py", "from rq import Worker\nWorker(['default']).work()\n")
    assert line(app, "flask", "rq", type_="worker") == "python worker.py"


def test_rq_that_nothing_imports_is_only_a_dependency(app: Application) -> None:
    app.write("app.py", FLASK)
    [found] = answers(app, "flask", "rq", "django")
    assert found == process(app, "flask", "rq")


def test_celery_and_rq_together_are_ambiguous(app: Application) -> None:
    app.write("tasks.py", CELERY)
    app.write("app.py", "import rq\n")
    assert refused(app, "celery", "rq", type_="worker").because == "it uses both Celery and RQ"


def test_a_celery_application_in_the_installed_package_is_found(app: Application) -> None:
    app.write("pyproject.toml", "[tool.poetry]\nname = 'shop'\n")
    app.write("src/shop/__init__.py", "")
    app.write("src/shop/tasks.py", CELERY)
    assert line(app, "shop", "celery", type_="worker") == "celery --app shop.tasks:app worker --loglevel info"
