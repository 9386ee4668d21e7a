"""The indexes that pip asks, and how old a release must be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from layerwright import SecretStr, Tool
from layerwright_pip.manager import Pip, PipSettings
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


def variables(app: Application, version: str = "26.3", installer: str = "pip", **environment: str) -> object:
    settings = PipSettings(installer="uv" if installer == "uv" else "pip")
    request = environment_request(app, settings=settings, environment=NO_FILES | environment)
    request = replace(request, own_tool=Tool(version=version, layer=request.tool.layer))
    return Pip().release_age_variables(request, datetime(2026, 11, 23, 12, tzinfo=UTC))


def test_what_chooses_versions_is_told_how_old_a_release_must_be_where_it_has_an_option(
    app: Application,
) -> None:
    before = "2026-11-23T12:00:00Z"
    assert variables(app) == variables(app, "26.0.1") == {"PIP_UPLOADED_PRIOR_TO": before}
    assert variables(app, "25.3") == {}
    assert variables(app, "25.3", "uv") == {"UV_EXCLUDE_NEWER": before}
    assert variables(app, PIP_UPLOADED_PRIOR_TO="P9D") == {}
