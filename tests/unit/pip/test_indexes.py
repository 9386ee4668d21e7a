"""The indexes that pip asks, from its settings and from requirements files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerwright import SecretStr
from layerwright_pip.manager import Pip
from tests.unit.pip.requests import NO_FILES, environment_request

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

MAIN, EXTRA = "https://a.example.com/simple", "https://b.example.com/simple"


def urls(app: Application, text: str = "acme\n", **variables: str) -> tuple[str | SecretStr, ...]:
    app.write("requirements.txt", text)
    return Pip().index_urls(environment_request(app, environment=NO_FILES | variables))


def test_without_a_setting_it_is_the_default_one(app: Application) -> None:
    assert urls(app) == ("",)


def test_settings_name_the_main_one_and_others(app: Application) -> None:
    assert urls(app, PIP_INDEX_URL=MAIN, PIP_EXTRA_INDEX_URL=f"{EXTRA} https://c.example.com") == (
        MAIN,
        EXTRA,
        "https://c.example.com",
    )


def test_requirements_files_name_some_with_variables_in_their_urls(app: Application) -> None:
    text = f"--index-url={MAIN}\n--extra-index-url https://me:${{TOKEN}}@b.example.com/simple\nacme\n"
    assert urls(app, text, TOKEN="s3cret-4711", PIP_INDEX_URL=EXTRA) == (
        MAIN,
        SecretStr("https://me:s3cret-4711@b.example.com/simple"),
    )
    assert urls(app, f"-i {MAIN}/${{UNSET}}\nacme\n") == (f"{MAIN}/${{UNSET}}",)


def test_without_an_index_there_is_none(app: Application) -> None:
    assert urls(app, "--no-index\nacme\n") == ()
    assert urls(app, PIP_NO_INDEX="1") == ()
