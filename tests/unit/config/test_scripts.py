"""Scripts with inline metadata, and applications that are one script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright import Project, UserError
from layerwright.config.application import choose_application
from layerwright.config.editing.change import edit
from layerwright.config.processes import processes
from layerwright.config.python_request import request_python
from layerwright.config.scripts import SCRIPT, application_script, inline_metadata, open_project
from layerwright.config.sources import read_sources

if TYPE_CHECKING:
    from layerwright.testing.applications import Application

BLOCK = '# /// script\n# dependencies = ["six"]\n# ///\n'
OTHERS = ("pyproject.toml", "requirements.txt", "uv.lock", "Procfile", "layerwright.toml", "other.py")


# Metadata


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_script_has_metadata_in_comments(app: Application, end: str) -> None:
    lines = ["#!/usr/bin/env python", *BLOCK.splitlines()[:2], "#", "# ///", "import six", ""]
    app.write("hello.py", end.join(lines))
    assert inline_metadata(Project(app.path), "hello.py") == {"dependencies": ["six"]}


@pytest.mark.parametrize("text", ["import six\n", b"\xff", "x = '# /// script'\n"])
def test_a_file_without_metadata_has_none(app: Application, text: str | bytes) -> None:
    app.write("hello.py", text)
    assert inline_metadata(Project(app.path), "hello.py") is None
    assert inline_metadata(Project(app.path), "absent.py") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# /// script\n# dependencies = [\n# ///\n", "Invalid value"),
        (f"{BLOCK}\n{BLOCK}", "several blocks"),
    ],
)
def test_malformed_metadata_are_refused(app: Application, text: str, words: str) -> None:
    app.write("hello.py", text)
    with pytest.raises(UserError) as caught:
        inline_metadata(Project(app.path), "hello.py")
    assert caught.value.reference == "malformed-script-metadata"
    assert words in caught.value.cause


# The script of an application


@pytest.mark.parametrize(
    ("files", "script"),
    [
        ({"hello.py": BLOCK, "helper.py": ""}, "hello.py"),
        ({"hello.py": BLOCK, "main.py": BLOCK}, "main.py"),
        ({"hello.py": BLOCK, "other.py": BLOCK}, None),
        ({"app.py": BLOCK, "main.py": BLOCK}, None),
        ({"main.py": ""}, None),
        ({"sub/hello.py": BLOCK}, None),
    ],
)
def test_a_directory_may_consist_of_one_script(
    app: Application, files: dict[str, str], script: str | None
) -> None:
    for name, text in files.items():
        app.write(name, text)
    assert application_script(open_project(app.path, {})) == script


def test_a_script_is_chosen_by_its_path_or_by_a_variable(app: Application) -> None:
    app.write("hello.py", "")
    app.write("other.py", BLOCK)
    tree = app.path.parent
    for project in (
        open_project(app.path / "hello.py", {}),
        open_project(app.path, {SCRIPT: "hello.py\n"}),
        choose_application(app.path / "hello.py", {"LAYERWRIGHT_APP_DIR": "elsewhere"}).project,
        choose_application(app.path, {SCRIPT: "hello.py"}).project,
        choose_application(tree, {SCRIPT: "hello.py"}, option=app.path.name).project,
        choose_application(app.path, {SCRIPT: "hello.py"}, option=".").project,
    ):
        assert (project.root, project.script) == (app.path, "hello.py")
        assert application_script(project) == "hello.py"


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("sub/hello.py", "It is in another directory."),
        ("absent.py", "There is no such file in "),
        ("readme", "It does not end with .py."),
    ],
)
def test_a_variable_that_names_no_script_is_an_error(app: Application, name: str, cause: str) -> None:
    app.write("readme", "")
    app.write("sub/hello.py", "")
    with pytest.raises(UserError) as caught:
        open_project(app.path, {SCRIPT: name})
    assert caught.value.cause.startswith(cause)
    assert caught.value.reference == "not-a-script"


# What belongs to it


def test_files_of_another_application_in_its_directory_do_not_exist_for_it(app: Application) -> None:
    for name in (*OTHERS, "hello.py", "hello.py.lock", ".python-version", "lib/pyproject.toml"):
        app.write(name, "x = 1\n")
    project = Project(app.path, script="hello.py")
    for name in OTHERS:
        assert not project.exists(name)
        assert project.read(name) is None
        assert project.digest(name) == "absent"
    assert project.toml("pyproject.toml") == {}
    for name in ("hello.py", "hello.py.lock", ".python-version", "lib/pyproject.toml", "./pyproject.toml"):
        assert project.exists(name)
        assert project.toml(name) == {"x": 1}


def test_its_python_is_not_that_of_the_project_beside_it(app: Application) -> None:
    app.write("pyproject.toml", "[project]\nrequires-python = '>=3.9,<3.10'\n")
    app.write("hello.py", BLOCK)
    assert request_python(Project(app.path, script="hello.py"), configured=None).winner.origin == "default"


def test_its_configuration_is_in_its_metadata(app: Application) -> None:
    app.write("layerwright.toml", "package-manager = 'poetry'\n")
    app.write("hello.py", BLOCK.replace("# ///\n", "# [tool.layerwright.pip]\n# launch = true\n# ///\n"))
    [raw] = read_sources(Project(app.path, script="hello.py"), {SCRIPT: "hello.py"}).raws(("pip", "launch"))
    assert (raw.value, raw.origin) == (True, "hello.py: tool.layerwright.pip.launch")
    assert read_sources(Project(app.path, script="hello.py"), {}).package_manager is None
    app.write("plain.py", "")
    assert read_sources(Project(app.path, script="plain.py"), {}).keys == ()


def test_its_configuration_is_not_edited_but_shown(app: Application) -> None:
    app.write("hello.py", BLOCK)
    with pytest.raises(UserError) as caught:
        edit(Project(app.path, script="hello.py"), {}, {}, "python.version", "3.13")
    assert caught.value.summary == "hello.py must be edited by hand."
    assert caught.value.remedy == (
        "Add this to the block `# /// script`: # [tool.layerwright.python]",
        'And below it: # version = "3.13"',
    )


def test_its_process_runs_it(app: Application) -> None:
    app.write("Procfile", "web: gunicorn app:app\nworker: celery\n")
    app.write("hello.py", "")
    [(process, origin)] = processes((), Project(app.path, script="hello.py"), ())
    assert (process.type, process.command, process.default) == ("web", ("python", "hello.py"), True)
    assert origin == "the script itself"
