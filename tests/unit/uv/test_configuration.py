"""What of uv's own configuration counts as an input."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from layerwright import Project, UserError
from layerwright_uv.configuration import configuration_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layerwright.testing.applications import Application

NOWHERE = {"HOME": "/nowhere", "XDG_CONFIG_DIRS": "/nowhere/xdg"}


def inputs(app: Application, environment: Mapping[str, str] = NOWHERE) -> dict[str, str]:
    found = configuration_inputs(Project(app.path), environment)
    return {name: value for name, value in found.items() if name != "/etc/uv/uv.toml"}


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_variables_that_change_the_result_count_without_their_credentials(app: Application) -> None:
    environment = NOWHERE | {
        "UV_INDEX": "own=https://me:secret@example.com/simple",
        "UV_NO_BINARY": "1",
        "UV_NO_BUILD": "",
        "UV_INDEX_OWN_PASSWORD": "secret",
        "UV_HTTP_TIMEOUT": "9",
    }
    assert inputs(app, environment) == {
        "UV_INDEX": "own=https://****@example.com/simple",
        "UV_NO_BINARY": "1",
    }


def test_the_files_of_the_application_the_user_and_the_system_count(app: Application) -> None:
    files = ("uv.toml", "home/.config/uv/uv.toml", "xdg/uv/uv.toml")
    for file in files:
        app.write(file, f"# {file}\n")
    found = inputs(app, {"HOME": str(app.path / "home"), "XDG_CONFIG_DIRS": str(app.path / "xdg")})
    assert list(found.values()) == [digest(f"# {file}\n") for file in files]


def test_settings_outside_of_the_application_are_refused_and_uv_does_not_get_to_print_them(
    app: Application,
) -> None:
    (app.path.parent / "secret").write_text("hunter2 = 1\n")
    (app.path / "uv.toml").symlink_to("../secret")
    with pytest.raises(UserError, match=r"uv\.toml is a link to a file outside") as caught:
        inputs(app)
    assert "hunter2" not in caught.value.cause


def test_the_file_of_the_user_is_where_the_variable_says(app: Application) -> None:
    app.write("config/uv/uv.toml", "")
    assert str(app.path / "config/uv/uv.toml") in inputs(
        app, NOWHERE | {"XDG_CONFIG_HOME": str(app.path / "config")}
    )


def test_a_file_that_a_variable_names_takes_the_place_of_all(app: Application) -> None:
    app.write("uv.toml", "")
    app.write("other.toml", "")
    assert list(inputs(app, NOWHERE | {"UV_CONFIG_FILE": "other.toml"})) == ["other.toml"]


def test_of_the_table_only_what_the_lock_file_does_not_say_counts(app: Application) -> None:
    app.write(
        "pyproject.toml", '[tool.uv]\ndefault-groups = ["dev"]\n[tool.uv.sources]\nkit = { path = "kit" }\n'
    )
    assert inputs(app) == {}
    app.write("pyproject.toml", "[tool.uv]\nno-binary = true\n")
    assert list(inputs(app)) == ["[tool.uv]"]
