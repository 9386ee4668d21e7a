from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from layerwright.config.python_request import request_python
from layerwright.config.version_files import other_files
from layerwright.files.project import Project
from layerwright.pythons.interpreter import VersionSource

if TYPE_CHECKING:
    from pathlib import Path

    from layerwright.testing.applications import Application


@pytest.mark.parametrize(
    ("name", "text", "origin", "value"),
    [
        (".tool-versions", "nodejs 22\npython 3.11.7 3.10.1\n", ".tool-versions", "3.11.7"),
        (".tool-versions", "python 3.11 # for now\n", ".tool-versions", "3.11"),
        ("mise.toml", '[tools]\npython = "3.11.7"\n', "tools.python in mise.toml", "3.11.7"),
        (".mise.toml", "[tools]\npython='3.11'\n", "tools.python in .mise.toml", "3.11"),
        ("mise.toml", '[tools]\npython = ["3.11", "3.12"]\n', "tools.python in mise.toml", "3.11"),
        (
            "mise.toml",
            '[tools]\npython = { version = "3.11", virtualenv = ".venv" }\n',
            "tools.python in mise.toml",
            "3.11",
        ),
        ("mise.toml", "[tools]\npython = 3.11\n", "tools.python in mise.toml", "3.11"),
        ("runtime.txt", "python-3.11.7\n", "runtime.txt", "3.11.7"),
        ("runtime.txt", "\n  python-3.11  \n", "runtime.txt", "3.11"),
    ],
)
def test_a_file_of_another_tool_names_the_version(
    app: Application, name: str, text: str, origin: str, value: str
) -> None:
    app.write(name, text)
    meaning = f"=={value}" if value.count(".") == 2 else f"=={value}.*"
    expected = VersionSource(origin=origin, value=value, specifier=meaning)
    assert other_files(Project(app.path)) == ((expected,), ())
    assert request_python(Project(app.path), configured=None).winner == expected


def test_a_major_version_leaves_the_minor_one_open(app: Application) -> None:
    app.write("mise.toml", '[tools]\npython = "3"\n')
    found = request_python(Project(app.path), configured=None)
    assert (found.winner.specifier, found.best_minor) == ("==3.*", "3.14")


def test_they_come_after_the_package_managers_pin_and_before_the_bounds(app: Application) -> None:
    app.write(".tool-versions", "python 3.12.1\n")
    app.write("mise.toml", '[tools]\npython = "3.12"\n')
    app.write("runtime.txt", "python-3.11.7\n")
    app.write("pyproject.toml", '[project]\nrequires-python = ">=3.9"\n')
    pinned = VersionSource(origin="acme.lock", value="3.13", specifier="==3.13.*")
    found = request_python(Project(app.path), configured=None, pinned=pinned)
    assert [source.value for source in found.sources] == [
        "3.13",
        "3.12.1",
        "3.12",
        "3.11.7",
        ">=3.9",
        ">=3.11",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".tool-versions", "nodejs 22\n"),
        ("mise.toml", '[tools]\nnode = "22"\n'),
        ("mise.toml", 'tools = "python"\n'),
        ("mise.toml", "[tools]\npython = []\n"),
        ("runtime.txt", "\n"),
    ],
)
def test_a_file_that_says_nothing_about_python_is_passed_over(app: Application, name: str, text: str) -> None:
    app.write(name, text)
    if text.endswith("[]\n"):
        [warning] = other_files(Project(app.path)).warnings
        assert warning.startswith("tools.python in mise.toml is ignored: [] is not a version")
    else:
        assert other_files(Project(app.path)) == ((), ())


@pytest.mark.parametrize(
    ("name", "text", "start"),
    [
        (
            ".tool-versions",
            "python system\n",
            ".tool-versions is ignored: system is not a version of CPython",
        ),
        (
            "mise.toml",
            '[tools]\npython = "latest"\n',
            "tools.python in mise.toml is ignored: latest is not a version of CPython",
        ),
        ("mise.toml", "[tools]\npython = []\n", "tools.python in mise.toml is ignored: [] is not a version"),
        ("runtime.txt", "pypy3.10-7.3.17\n", "runtime.txt is ignored: pypy3.10-7.3.17 is not a version"),
        ("mise.toml", "[", "mise.toml is ignored: mise.toml is not valid TOML.\n"),
        ("mise.toml", b"\xff", "mise.toml is ignored: mise.toml is not UTF-8 text.\n"),
    ],
)
def test_a_file_that_names_no_version_is_ignored_with_a_warning(
    app: Application, name: str, text: str | bytes, start: str
) -> None:
    app.write(name, text)
    sources, [warning] = other_files(Project(app.path))
    assert sources == ()
    assert warning.startswith(start)
    assert request_python(Project(app.path), configured=None).winner.origin == "default"


def test_a_link_to_nowhere_is_ignored_with_a_warning(app: Application) -> None:
    (app.path / "runtime.txt").symlink_to("absent")
    [warning] = other_files(Project(app.path)).warnings
    assert warning.startswith("runtime.txt is ignored: runtime.txt is a broken link.\n")


def test_nothing_of_a_file_outside_of_the_application_is_shown(app: Application) -> None:
    (app.path.parent / "runtime.txt").write_text("hunter2\n")
    (app.path / "runtime.txt").symlink_to("../runtime.txt")
    [warning] = other_files(Project(app.path)).warnings
    assert "hunter2" not in warning


def test_the_nearest_file_above_counts_as_far_as_the_source_tree_goes(tmp_path: Path) -> None:
    root = tmp_path / "tree" / "services" / "api"
    root.mkdir(parents=True)
    (tmp_path / ".python-version").write_text("3.9\n")
    (tmp_path / "tree" / ".tool-versions").write_text("python 3.11\n")
    (tmp_path / "tree" / "services" / ".tool-versions").write_text("nodejs 22\n")
    (tmp_path / "tree" / "services" / "mise.toml").write_text('[tools]\npython = "latest"\n')
    (tmp_path / "tree" / "runtime.txt").write_text("python-3.10\n")
    project = Project(root, tmp_path / "tree")
    request = request_python(project, configured=None)
    assert request.winner.origin == "../../.tool-versions"
    assert [warning.splitlines()[0] for warning in request.warnings] == [
        "tools.python in ../mise.toml is ignored: latest is not a version of CPython, such as 3.13 or 3.13.2."
    ]
    (tmp_path / "tree" / ".python-version").write_text("3.12\n")
    project = Project(root, tmp_path / "tree")
    assert request_python(project, configured=None).winner == VersionSource(
        origin="../../.python-version", value="3.12", specifier="==3.12.*"
    )
