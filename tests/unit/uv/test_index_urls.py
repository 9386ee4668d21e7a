"""The indexes that uv asks, from its variables and from the settings of the project."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from layerwright import Project, SecretStr
from layerwright_uv.manager import Uv
from tests.unit.uv.requests import environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

DEFAULT, EXTRA = "https://a.example.com/simple", "https://b.example.com/simple"


def urls(app: Application, pyproject: str = "", **variables: str) -> tuple[str | SecretStr, ...]:
    app.write("pyproject.toml", pyproject)
    return Uv().index_urls(environment_request(app, environment=variables))


def test_without_a_setting_it_is_the_default_one(app: Application) -> None:
    assert urls(app) == ("",)


def test_others_are_asked_before_the_default_one(app: Application) -> None:
    pyproject = f'[[tool.uv.index]]\nurl = "{DEFAULT}"\ndefault = true\n[[tool.uv.index]]\nurl = "{EXTRA}"\n'
    assert urls(app, pyproject) == (EXTRA, DEFAULT)
    assert urls(
        app, f'[tool.uv]\nindex-url = "{DEFAULT}"\nextra-index-url = ["{EXTRA}", 3]\nindex = [3]\n'
    ) == (
        EXTRA,
        DEFAULT,
    )


def test_variables_come_first(app: Application) -> None:
    pyproject = '[[tool.uv.index]]\nurl = "https://c.example.com"\ndefault = true\n'
    assert urls(app, pyproject, UV_INDEX=f"b={EXTRA} nothing", UV_DEFAULT_INDEX=DEFAULT) == (EXTRA, DEFAULT)
    assert urls(app, pyproject, UV_EXTRA_INDEX_URL=EXTRA, UV_INDEX_URL=DEFAULT) == (EXTRA, DEFAULT)


def test_the_file_of_uv_counts_instead_of_the_table(app: Application) -> None:
    app.write("uv.toml", f'index-url = "{DEFAULT}"\n')
    assert urls(app, f'[tool.uv]\nindex-url = "{EXTRA}"\n') == (DEFAULT,)


def test_those_of_a_script_come_before_those_of_the_directory(app: Application) -> None:
    app.write(
        "hello.py",
        f'# /// script\n# dependencies = []\n# [[tool.uv.index]]\n# name = "own"\n# url = "{EXTRA}"\n# ///\n',
    )
    app.write("hello.py.lock", "version = 1\n")
    app.write("pyproject.toml", f'[tool.uv]\nindex-url = "{DEFAULT}"\n')
    login = {"UV_INDEX_OWN_USERNAME": "me", "UV_INDEX_OWN_PASSWORD": "s3cret-4711"}
    request = replace(
        environment_request(app, environment=login), project=Project(app.path, script="hello.py")
    )
    assert Uv().index_urls(request) == (SecretStr("https://me:s3cret-4711@b.example.com/simple"), DEFAULT)


def test_credentials_of_a_named_one_are_in_variables(app: Application) -> None:
    pyproject = f'[[tool.uv.index]]\nname = "my-own"\nurl = "{EXTRA}"\n'
    found = urls(app, pyproject, UV_INDEX_MY_OWN_USERNAME="me", UV_INDEX_MY_OWN_PASSWORD="s3cret-4711")
    assert found == (SecretStr("https://me:s3cret-4711@b.example.com/simple"), "")
    assert urls(app, UV_INDEX_URL="https://me:pw-4711@a.example.com") == (
        SecretStr("https://me:pw-4711@a.example.com"),
    )
