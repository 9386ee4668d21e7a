"""What is said about imports of an application that declares no dependencies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from layerwright import Project
from layerwright_pip.environment import environment
from tests.unit.pip.requests import environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application


def warnings(app: Application) -> tuple[str, ...]:
    return environment(environment_request(app)).warnings


def test_imports_that_nothing_installs_are_a_warning(app: Application) -> None:
    app.write("main.py", "import json\nimport flask, flask.json\nfrom acme.ui import button\n")
    assert warnings(app) == (
        "main.py imports flask, acme, but no file declares dependencies, so nothing is installed.\n"
        "List the distributions that the application needs in requirements.txt.",
    )


@pytest.mark.parametrize(
    "source",
    [
        "import json, os.path\nfrom __future__ import annotations\n",
        "import shop\nfrom till import scan\nfrom core.db import connect\nfrom . import views\nfrom .views import a\n",
        "try:\n    import uvloop\nexcept ImportError:\n    uvloop = None\nif 0:\n    import flask\n",
        "import flask =\n",
        "",
    ],
)
def test_without_them_there_is_no_warning(app: Application, source: str) -> None:
    app.write("main.py", source)
    app.write("shop.py", "")
    app.write("till/scan.py", "")
    app.write("src/core/db.py", "")
    assert warnings(app) == ()


def test_the_only_requirements_file_below_is_named(app: Application) -> None:
    app.write("main.py", "import flask\n")
    app.write("environment/requirements.txt", "flask\n")
    app.write(".cache/requirements.txt", "flask\n")
    assert warnings(app)[0].endswith(
        "environment/requirements.txt is not read, because it is not in the application directory itself.\n"
        "Install it: layerwright config set pip.requirements environment/requirements.txt"
    )
    app.write("docs/requirements.txt", "sphinx\n")
    assert warnings(app)[0].endswith("in requirements.txt.")


def test_a_script_declares_what_it_needs_itself(app: Application) -> None:
    app.write("hello.py", "import helper\nimport flask\n")
    app.write("helper.py", "")
    app.write("docs/requirements.txt", "flask\n")
    request = replace(environment_request(app), project=Project(app.path, script="hello.py"))
    [warning] = environment(request).warnings
    assert warning == (
        "hello.py imports flask, but no file declares dependencies, so nothing is installed.\n"
        "Declare the distributions that it needs: uv add --script hello.py NAME"
    )


def test_an_application_with_declared_dependencies_gets_none(app: Application) -> None:
    app.write("main.py", "import flask\n")
    app.write("requirements.txt", "")
    assert warnings(app) == ()
