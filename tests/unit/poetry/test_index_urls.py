"""The indexes that Poetry asks: its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import SecretStr
from layerwright_poetry.manager import Poetry
from tests.unit.poetry.requests import environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

SOURCE = '[[tool.poetry.source]]\nname = "my-own"\nurl = "https://a.example.com/simple"\n'


def urls(app: Application, pyproject: str, **variables: str) -> tuple[str | SecretStr, ...]:
    app.write("pyproject.toml", pyproject)
    return Poetry().index_urls(environment_request(app, environment=variables))


def test_the_default_one_is_always_among_them(app: Application) -> None:
    assert urls(app, "") == ("",)
    assert urls(app, SOURCE) == ("", "https://a.example.com/simple")
    assert urls(app, "[tool.poetry]\nsource = [3, {name = 'x'}]\n") == ("",)


def test_credentials_are_in_variables_or_in_the_url(app: Application) -> None:
    variables = {
        "POETRY_HTTP_BASIC_MY_OWN_USERNAME": "me",
        "POETRY_HTTP_BASIC_MY_OWN_PASSWORD": "s3cret-4711",
    }
    assert urls(app, SOURCE, **variables)[1] == SecretStr("https://me:s3cret-4711@a.example.com/simple")
    with_login = SOURCE.replace("//a", "//me:pw-4711@a")
    assert urls(app, with_login)[1] == SecretStr("https://me:pw-4711@a.example.com/simple")
