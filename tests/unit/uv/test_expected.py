"""What is expected to be installed from a lock file: what uv would sync, and nothing else of the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Expected
from layerwright_uv.manager import Uv, UvSettings
from tests.unit.uv.requests import environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

LOCK = """\
version = 1

[manifest]
members = ["demo", "worker"]

[[package]]
name = "demo"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "flask" },
    { name = "colorama", marker = "sys_platform == 'win32'" },
    { name = "uvicorn", extra = ["standard"] },
    { name = "numpy", version = "1.0", source = { registry = "https://example.com/simple" } },
]

[package.optional-dependencies]
pg = [{ name = "psycopg" }]
cpu = [{ name = "torch", marker = "extra == 'extra-4-demo-cpu'" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]
lint = [{ name = "ruff" }]

[[package]]
name = "worker"
version = "1.0"
source = { virtual = "worker" }
dependencies = [{ name = "celery" }, { name = "demo" }]

[[package]]
name = "flask"
version = "3.0"
source = { registry = "https://example.com/simple" }
dependencies = [{ name = "werkzeug" }]

[[package]]
name = "werkzeug"
version = "3.0"
source = { registry = "https://example.com/simple" }
dependencies = [{ name = "flask" }]

[[package]]
name = "uvicorn"
version = "1.0"
source = { registry = "https://example.com/simple" }

[package.optional-dependencies]
standard = [{ name = "httptools" }]

[[package]]
name = "numpy"
version = "1.0"
source = { registry = "https://example.com/simple" }

[[package]]
name = "numpy"
version = "2.0"
source = { registry = "https://example.com/simple" }
dependencies = [{ name = "ruff" }]
"""
MORE = "".join(
    f'\n[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ registry = "https://example.com/simple" }}\n'
    for name in ("colorama", "psycopg", "torch", "pytest", "ruff", "celery", "httptools")
)
ALWAYS = {"demo", "flask", "werkzeug", "uvicorn", "httptools", "numpy"}


def names(
    app: Application, lock: str = LOCK + MORE, exec_env: str = "production", **settings: object
) -> set[str]:
    app.write("uv.lock", lock)
    read = UvSettings(**settings)  # type: ignore[arg-type]
    found = Uv().expects(environment_request(app, settings=read, exec_env=exec_env))
    assert found is not None
    assert (found.source, found.uncertain) == ("uv.lock", "")
    return set(found.names)


def test_what_the_project_leads_to_is_expected_in_the_version_and_for_the_machine_that_it_says(
    app: Application,
) -> None:
    assert names(app) == ALWAYS


def test_extras_and_groups_are_expected_where_they_are_chosen(app: Application) -> None:
    assert names(app, extras=("pg",)) == {*ALWAYS, "psycopg"}
    assert names(app, extras=("cpu",)) == {*ALWAYS, "torch"}
    assert names(app, groups=("lint",)) == {*ALWAYS, "ruff"}
    assert names(app, test_groups=("dev",)) == ALWAYS
    assert names(app, test_groups=("dev",), exec_env="test") == {*ALWAYS, "pytest"}


def test_a_member_is_expected_without_itself_where_it_is_no_package(app: Application) -> None:
    assert names(app, package="worker") == {*ALWAYS, "celery"}


def test_all_members_are_expected_where_the_workspace_has_no_project_of_its_own(app: Application) -> None:
    lock = LOCK.replace('editable = "."', 'editable = "demo"') + MORE
    lock = lock.replace(
        '"worker"]\n',
        '"worker"]\n\n[manifest.dependency-groups]\nops = [{ name = "uvicorn", extras = ["standard"] }]\n',
        1,
    )
    assert names(app, lock) == {*ALWAYS, "celery"}
    alone = lock.replace('members = ["demo", "worker"]', "members = []")
    assert names(app, alone, groups=("ops",)) == {"uvicorn", "httptools"}


@pytest.mark.parametrize(
    "lock",
    [
        "",
        "manifest = 1\npackage = 1\n",
        "manifest = { members = 1 }\npackage = [1]\n",
        '[[package]]\nname = "x"\nsource = { editable = "." }\n'
        "dependencies = [{ extra = 1 }, 2]\ndev-dependencies = 3\n",
    ],
)
def test_nothing_is_made_of_what_uv_would_not_write(app: Application, lock: str) -> None:
    assert names(app, lock) <= {"x"}


def test_what_a_standard_lock_file_has_for_this_machine_is_expected(app: Application) -> None:
    app.write(
        "pylock.toml",
        'lock-version = "1.0"\ndefault-groups = ["main"]\n'
        '[[packages]]\nname = "flask"\n'
        '[[packages]]\nname = "colorama"\nmarker = "sys_platform == \'win32\'"\n'
        '[[packages]]\nname = "gunicorn"\nmarker = "\'main\' in dependency_groups"\n',
    )
    expected = Expected(names=frozenset({"flask", "gunicorn"}), source="pylock.toml")
    assert Uv().expects(environment_request(app)) == expected
    app.write("pylock.toml", "")
    assert Uv().expects(environment_request(app)) == Expected(names=frozenset(), source="pylock.toml")


def test_nothing_is_known_without_a_lock_file(app: Application) -> None:
    assert Uv().expects(environment_request(app)) is None
