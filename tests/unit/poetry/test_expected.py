"""What is expected to be installed from a lock file: what Poetry would sync, and nothing else of the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright_poetry.manager import Poetry, PoetrySettings
from tests.unit.poetry.requests import environment_request

if TYPE_CHECKING:
    from layerwright import Expected
    from layerwright.testing.applications import Application

NO_PACKAGE = '[project]\nname = "Demo.App"\n[tool.poetry]\npackage-mode = false\n'
LOCK = """\
[[package]]
name = "Django"
version = "5.0"
groups = ["main", "dev"]

[[package]]
name = "colorama"
version = "1.0"
groups = ["main"]
markers = "sys_platform == 'win32'"

[[package]]
name = "tzdata"
version = "1.0"
groups = ["main", "dev"]
markers = { main = "sys_platform == 'win32'", dev = "python_version >= '3.9'" }

[[package]]
name = "psycopg"
version = "1.0"
optional = true
groups = ["main"]
markers = "extra == 'pg'"

[[package]]
name = "pytest"
version = "1.0"
groups = ["dev"]
"""


def expected(
    app: Application,
    lock: str = LOCK,
    pyproject: str = NO_PACKAGE,
    settings: PoetrySettings | None = None,
    exec_env: str = "production",
) -> Expected | None:
    app.write("pyproject.toml", pyproject)
    app.write("poetry.lock", lock)
    return Poetry().expects(environment_request(app, settings=settings, exec_env=exec_env))


def names(app: Application, **more: object) -> set[str]:
    found = expected(app, **more)  # type: ignore[arg-type]
    assert found is not None
    assert (found.source, found.uncertain) == ("poetry.lock", "")
    return set(found.names)


def test_what_is_for_this_machine_and_chosen_is_expected(app: Application) -> None:
    assert names(app) == {"Django"}
    assert names(app, settings=PoetrySettings(extras=("pg",))) == {"Django", "psycopg"}
    assert names(app, settings=PoetrySettings(groups=("dev",))) == {"Django", "tzdata", "pytest"}
    assert names(app, settings=PoetrySettings(test_groups=("dev",))) == {"Django"}
    test = {"settings": PoetrySettings(test_groups=("dev",)), "exec_env": "test"}
    assert names(app, **test) == {"Django", "tzdata", "pytest"}


def test_the_application_is_expected_where_it_is_installed_itself(app: Application) -> None:
    package = '[project]\nname = "Demo.App"\n'
    assert names(app, lock="", pyproject=package) == set()
    app.write("demo_app/__init__.py", "")
    assert names(app, lock="", pyproject=package) == {"Demo.App"}
    assert names(app, lock="", pyproject="") == set()


def test_nothing_is_known_where_the_lock_file_does_not_say_which_group_is_what(app: Application) -> None:
    assert expected(app, lock='[[package]]\nname = "django"\nversion = "5.0"\n') is None
    assert names(app, lock="package = 1\n") == set()
    assert names(app, lock="package = [1]\n") == set()
