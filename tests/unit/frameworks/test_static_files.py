from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from layerwright import Project
from layerwright.testing import hook_context
from layerwright_frameworks import collectstatic_script, layerwright_post_install
from layerwright_frameworks.settings import FrameworksSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright import Command
    from layerwright.testing.applications import Application

VENV = Path("/layers/venv")
# As much of Django as the script touches; what it is told to execute, it prints.
DJANGO = {
    "django/__init__.py": "def setup(): pass\n",
    "django/apps.py": "import settings\nclass apps:\n    is_installed = settings.INSTALLED_APPS.__contains__\n",
    "django/conf.py": "import settings\n",
    "django/core/__init__.py": "",
    "django/core/management.py": "def execute_from_command_line(argv=None): print('executed', argv)\n",
    "manage.py": (
        "import sys\nfrom django.core.management import execute_from_command_line\n"
        "if __name__ == '__main__':\n    execute_from_command_line(sys.argv)\n"
    ),
}


def commands(
    app: Application,
    *,
    environment: Mapping[str, str] | None = None,
    collect: bool = True,
    django: bool = True,
) -> tuple[Command, ...]:
    context = hook_context(
        app,
        distributions=["django"] if django else [],
        environment=environment or {},
        settings=FrameworksSettings(collectstatic=collect),
    )
    return tuple(layerwright_post_install(context))


def test_the_files_of_a_django_project_are_collected_with_its_own_interpreter(app: Application) -> None:
    app.write("manage.py", "")
    [command] = commands(app)
    assert command.argv == (str(VENV / "bin" / "python"), collectstatic_script.__file__)
    assert command.words == "python manage.py collectstatic --noinput"
    assert command.reference == "collectstatic-failed"
    assert "layerwright config set frameworks.collectstatic false" in command.remedy[-1]


def test_what_is_no_django_project_is_left_alone(app: Application) -> None:
    assert commands(app) == ()
    app.write("manage.py", "")
    assert commands(app, django=False) == ()


def test_a_django_project_beside_a_script_is_left_alone(app: Application) -> None:
    app.write("backend/manage.py", "")
    context = hook_context(app, distributions=["django"], environment={}, settings=FrameworksSettings())
    assert tuple(layerwright_post_install(context)) != ()
    alone = replace(context, project=Project(app.path, script="hello.py"))
    assert tuple(layerwright_post_install(alone)) == ()


def test_it_is_switched_off_by_the_setting_and_by_the_variable_that_other_platforms_have(
    app: Application,
) -> None:
    app.write("manage.py", "")
    assert commands(app, collect=False) == ()
    assert commands(app, environment={"DISABLE_COLLECTSTATIC": "1"}) == ()
    assert commands(app, environment={"DISABLE_COLLECTSTATIC": ""}) != ()


@pytest.mark.parametrize(
    ("installed", "root", "said"),
    [
        (
            "['django.contrib.staticfiles']",
            "'static'",
            "executed ['manage.py', 'collectstatic', '--noinput']",
        ),
        ("['django.contrib.staticfiles']", "None", "No static files are collected: STATIC_ROOT is not set."),
        (
            "[]",
            "'static'",
            "No static files are collected: django.contrib.staticfiles is not among INSTALLED_APPS.",
        ),
    ],
)
def test_the_settings_of_the_project_decide(app: Application, installed: str, root: str, said: str) -> None:
    for name, source in DJANGO.items():
        app.write(name, source)
    app.write("settings.py", f"INSTALLED_APPS = {installed}\nSTATIC_ROOT = {root}\n")
    done = subprocess.run(
        [sys.executable, str(collectstatic_script.__file__)],
        cwd=app.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == said


def test_what_a_linked_manage_py_imports_lies_beside_the_file_itself(app: Application) -> None:
    for name, source in DJANGO.items():
        app.write(f"backend/{name}", source)
    app.write(
        "backend/settings.py", "INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = 'static'\n"
    )
    (app.path / "manage.py").symlink_to("backend/manage.py")
    done = subprocess.run(
        [sys.executable, str(collectstatic_script.__file__)],
        cwd=app.path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "executed ['manage.py', 'collectstatic', '--noinput']"


# What the settings say without being run


def settings(app: Application, files: Mapping[str, str], directory: str = "") -> tuple[Command, ...]:
    """Return the commands for a project whose manage.py names ``shop.settings``, with *files*."""
    app.write(f"{directory}manage.py", "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n")
    for name, source in files.items():
        app.write(f"{directory}{name}", source)
    return commands(app)


@pytest.mark.parametrize(
    "files",
    [
        {"shop/settings.py": "DEBUG = True\n"},
        {"shop/settings.py": ""},
        {"shop/settings.py": "import os, shop.settings\nfrom pathlib import Path\n"},
        {"shop/settings/__init__.py": "from .base import *\n", "shop/settings/base.py": "DEBUG = True\n"},
        {
            "shop/settings.py": "from shop.base import *\nfrom . import other\n",
            "shop/base.py": "try:\n    from .local import *\nexcept ImportError:\n    pass\n",
            "shop/local.py": "A = 1\n",
            "shop/other.py": "B = 1\n",
        },
    ],
)
def test_settings_that_never_mention_static_root_leave_nothing_to_run(
    app: Application, files: Mapping[str, str]
) -> None:
    assert settings(app, files) == ()


@pytest.mark.parametrize(
    "files",
    [
        {"shop/settings.py": "STATIC_ROOT = 'static'\n"},
        {
            "shop/settings/__init__.py": "from .base import *\n",
            "shop/settings/base.py": "STATIC_ROOT = 'a'\n",
        },
        {"shop/settings.py": "from . import base\n", "shop/base.py": "STATIC_ROOT = 'a'\n"},
        {"shop/settings.py": "from configured import *\n"},
        {"shop/settings.py": "heroku.settings(locals())\n"},
        {"shop/settings.py": "DEBUG = (\n"},
        {"shop/settings.py": "", "manage.py": "os.environ['DJANGO_SETTINGS_MODULE'] = name\n"},
        {"shop/settings.py": "", "manage.py": "# DJANGO_SETTINGS_MODULE='shop.settings' STATIC_ROOT\n"},
        {},
        {
            "shop/settings.py": "".join(f"import part{number}\n" for number in range(60)),
            **{f"part{number}.py": "A = 1\n" for number in range(60)},
        },
    ],
)
def test_settings_that_mention_static_root_or_are_not_clear_are_asked(
    app: Application, files: Mapping[str, str]
) -> None:
    assert len(settings(app, files)) == 1


def test_the_variable_that_names_the_settings_wins_over_manage_py(app: Application) -> None:
    assert settings(app, {"shop/settings.py": "", "shop/live.py": "STATIC_ROOT = 'a'\n"}) == ()
    assert len(commands(app, environment={"DJANGO_SETTINGS_MODULE": "shop.live"})) == 1


def test_it_runs_in_the_directory_of_manage_py(app: Application) -> None:
    [command] = settings(app, {"shop/settings.py": "STATIC_ROOT = 'a'\n"}, "backend/")
    assert command.cwd == app.path / "backend"
    assert command.words == "python manage.py collectstatic --noinput  (in backend)"
    (app.path / "manage.py").symlink_to("backend/manage.py")
    assert commands(app) == (command,)
