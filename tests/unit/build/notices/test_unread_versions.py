from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.build.notices.unread_versions import unread_versions
from layerwright.project import Project

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

FILES = [
    ("runtime.txt", "python-3.11.7\n"),
    (".tool-versions", "nodejs 22\npython 3.11.7 3.10.1\n"),
    ("mise.toml", '[tools]\npython = "3.11.7"\n'),
    (".mise.toml", "[tools]\npython='3.11.7'\n"),
]


@pytest.mark.parametrize(
    "name", [".python_version", ".pythonversion", "python-version", ".python-versions", ".python-version.txt"]
)
def test_a_file_with_almost_the_right_name_is_named(app: Application, name: str) -> None:
    app.write(name, "3.12")
    app.write(".python-version", "3.12")
    assert unread_versions(Project(app.path), "3.12.1") == (
        f"{name} is not read.\nRename it to .python-version, if it is meant to select the Python version.",
    )


@pytest.mark.parametrize(("name", "text"), FILES)
def test_a_file_of_another_tool_that_names_another_version_is_named_with_what_to_write(
    app: Application, name: str, text: str
) -> None:
    app.write(name, text)
    assert unread_versions(Project(app.path), "3.14.0") == (
        f"{name} is not read: it names Python 3.11.7, and 3.14.0 is used.\n"
        "Write 3.11.7 into .python-version, or set python.version in the configuration.",
    )
    assert len(unread_versions(Project(app.path), "3.11.70")) == 1
    assert unread_versions(Project(app.path), "3.11.7") == ()


def test_a_minor_version_is_each_of_its_patch_releases(app: Application) -> None:
    app.write(".tool-versions", "python 3.12\n")
    assert unread_versions(Project(app.path), "3.12.1") == ()
    assert len(unread_versions(Project(app.path), "3.1.2")) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("runtime.txt", "dotnet 8\n"),
        (".tool-versions", "nodejs 22\npython system\n"),
        ("mise.toml", "["),
        ("mise.toml", b"\xff"),
    ],
)
def test_a_file_that_names_no_version_of_python_is_none_to_speak_of(
    app: Application, name: str, text: str | bytes
) -> None:
    app.write(name, text)
    assert unread_versions(Project(app.path), "3.14.0") == ()


def test_nothing_of_a_file_outside_of_the_application_is_shown(app: Application) -> None:
    (app.path.parent / "runtime.txt").write_text("python-3.11.7\n")
    (app.path / "runtime.txt").symlink_to("../runtime.txt")
    [warning] = unread_versions(Project(app.path), "3.14.0")
    assert "3.11.7" not in warning
