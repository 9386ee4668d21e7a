"""What is expected to be installed: all of a lock, and what requirements files name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Expected
from layerwright_pip.manager import Pip, PipSettings
from tests.unit.pip.requests import NO_FILES, environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

HASH = "--hash=sha256:" + 64 * "0"
REST = "The dependencies of these distributions are installed as well, and may bring in others."


def expected(
    app: Application, text: str = "", settings: PipSettings | None = None, **variables: str
) -> Expected | None:
    if text:
        app.write("requirements.txt", text)
    return Pip().expects(environment_request(app, settings=settings, environment=NO_FILES | variables))


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Flask", {"Flask"}),
        ("flask[async] >= 3, < 4", {"flask"}),
        ("flask ; python_version >= '3.9'", {"flask"}),
        ("flask==3.0; sys_platform == 'win32'", set()),
        ("flask @ https://example.com/flask.tar.gz ; python_version >= '3.9'", {"flask"}),
        ("flask @ https://example.com/flask.tar.gz ; sys_platform == 'win32'", set()),
        ("https://example.com/Flask-3.0-py3-none-any.whl", {"Flask"}),
        ("https://example.com/flask-3.0.tar.gz", set()),
        ("git+https://example.com/flask.git#egg=flask", {"flask"}),
        ("-e git+https://example.com/flask.git#egg=flask&subdirectory=a", {"flask"}),
        ("./wheels/gunicorn-1.0-py3-none-any.whl", {"gunicorn"}),
        ("./plain", {"plain"}),
        ("-e ./lib", {"my-lib", "django"}),
        ("./odd", {"odd"}),
        ("-c constraints.txt", set()),
        ("-r more.txt", {"django"}),
    ],
)
def test_what_a_line_names_for_this_machine_is_expected(app: Application, line: str, names: set[str]) -> None:
    app.write("wheels/gunicorn-1.0-py3-none-any.whl", "")
    app.write("plain/setup.py", "")
    app.write("odd/pyproject.toml", "project = 1\n")
    app.write(
        "lib/pyproject.toml",
        "[project]\nname = 'my-lib'\ndependencies = ['django>=5', 'tzdata; sys_platform == \"win32\"', '?']\n",
    )
    app.write("constraints.txt", "flask<4\n")
    app.write("more.txt", "django\n")
    assert expected(app, line) == Expected(names=frozenset(names), source="requirements.txt", uncertain=REST)


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_what_is_locked_by_hash_is_all_that_is_expected(app: Application, installer: str) -> None:
    found = expected(app, f"flask==3.0 {HASH}\nwerkzeug==3.0 {HASH}\n", PipSettings(installer=installer))  # type: ignore[arg-type]
    assert found == Expected(names=frozenset({"flask", "werkzeug"}), source="requirements.txt")


def test_without_dependencies_nothing_else_is_installed(app: Application) -> None:
    found = expected(app, "flask", PIP_NO_DEPS="1")
    assert found == Expected(names=frozenset({"flask"}), source="requirements.txt")


def test_what_a_lock_file_has_for_this_machine_is_all_that_is_expected(app: Application) -> None:
    app.write(
        "pylock.toml",
        'lock-version = "1.0"\ndefault-groups = ["main"]\n'
        '[[packages]]\nname = "flask"\n'
        '[[packages]]\nname = "colorama"\nmarker = "sys_platform == \'win32\'"\n'
        '[[packages]]\nname = "gunicorn"\nmarker = "\'main\' in dependency_groups"\n',
    )
    assert expected(app) == Expected(names=frozenset({"flask", "gunicorn"}), source="pylock.toml")
    both = PipSettings(requirements=("pylock.toml", "requirements.txt"))
    named = frozenset({"flask", "gunicorn", "acme"})
    assert expected(app, "acme", both) == Expected(
        names=named, source="pylock.toml and requirements.txt", uncertain=REST
    )
    app.write("pylock.toml", "packages = [1]\n")
    assert expected(app, settings=PipSettings(requirements=("pylock.toml",))) == Expected(
        names=frozenset(), source="pylock.toml"
    )
    app.write("pylock.toml", "packages = 1\n")
    assert expected(app, settings=PipSettings(requirements=("pylock.toml",))) == Expected(
        names=frozenset(), source="pylock.toml"
    )


def test_nothing_is_known_where_no_file_is_installed(app: Application) -> None:
    assert expected(app, settings=PipSettings(requirements=())) is None
