from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layerwright.config.editing.change import Edit, choose_file, edit, edited, parse_value, write
from layerwright.config.reading import ToolSettings
from layerwright.errors import ConfigurationError, LayerwrightError, SiteError, UserError
from layerwright.files.project import Project

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class AcmeSettings(ToolSettings):
    requirements: tuple[str, ...] = ()
    workers: int = 1


MODELS: dict[str, type[ToolSettings]] = {"acme": AcmeSettings}


def application(directory: Path, **files: str) -> Project:
    for name, text in files.items():
        (directory / f"{name}.toml").write_text(text, newline="")
    return Project(directory)


def refused(project: Project, key: str, text: str) -> LayerwrightError:
    with pytest.raises(UserError) as caught:
        edit(project, {}, MODELS, key, text)
    return caught.value


def test_the_strongest_file_that_is_there_is_written_to(tmp_path: Path) -> None:
    assert choose_file(application(tmp_path)) == "layerwright.toml"
    assert choose_file(application(tmp_path, pyproject="")) == "pyproject.toml"
    assert choose_file(application(tmp_path, layerwright="")) == "layerwright.toml"


def test_comments_and_layout_stay() -> None:
    text = "# top\n[project]\nname='x'   # name\n\n[tool.layerwright.acme]\nlaunch  =  false # for now\n\n# end\n"
    assert edited(text, "pyproject.toml", ("acme", "launch"), True) == text.replace("false", "true")


@pytest.mark.parametrize(
    ("text", "file", "key", "value", "expected"),
    [
        ("", "layerwright.toml", ("package-manager",), "acme", 'package-manager = "acme"\n'),
        ("", "pyproject.toml", ("acme", "launch"), True, "[tool.layerwright.acme]\nlaunch = true\n"),
        (
            "[acme]\nlaunch = true\n",
            "layerwright.toml",
            ("package-manager",),
            "acme",
            'package-manager = "acme"\n\n[acme]\nlaunch = true\n',
        ),
        (
            "[tool.layerwright]\nacme.launch = true\n",
            "pyproject.toml",
            ("acme", "version"),
            "26",
            '[tool.layerwright]\nacme.launch = true\nacme.version = "26"\n',
        ),
        (
            "acme = {launch = true}\n",
            "layerwright.toml",
            ("acme", "version"),
            "26",
            'acme = {launch = true,version = "26"}\n',
        ),
        (
            "[tool]\nlayerwright = {}\n",
            "pyproject.toml",
            ("processes", "web.1"),
            "serve",
            '[tool]\nlayerwright = {processes = {"web.1" = "serve"}}\n',
        ),
        (
            "[acme]\nrequirements = ['a']\n",
            "layerwright.toml",
            ("acme", "requirements"),
            ["b", "c"],
            '[acme]\nrequirements = ["b", "c"]\n',
        ),
    ],
)
def test_a_value_is_written_where_it_belongs(
    text: str, file: str, key: tuple[str, ...], value: object, expected: str
) -> None:
    assert edited(text, file, key, value) == expected


BLOCKS = (
    "[project]\nname = 'x' # name\n",
    "[project.optional-dependencies]\nx = ['a']\n",
    "[tool.ruff]\na = 1\n\n",
    "[tool.ruff.lint]\nselect = [\n  'A', # first\n]\n",
    "[[tool.mypy.overrides]]\nmodule = 'a'\n",
    "[tool.layerwright]\npackage-manager = 'x'\n",
    "[tool.layerwright.acme]\nlaunch = false\n",
    "[tool.layerwright.python]\nversion = '3.13'\n",
    "[tool.layerwright.processes]\nweb = 'serve'\n",
    "# comment\n",
)
KEYS = (
    ("package-manager",),
    ("acme", "launch"),
    ("python", "mirror"),
    ("processes", "web"),
    ("processes", "a.b"),
)


@given(st.lists(st.sampled_from(BLOCKS), unique=True), st.sampled_from(KEYS))
def test_nothing_but_the_value_changes_whatever_the_layout(blocks: list[str], key: tuple[str, ...]) -> None:
    text = "".join(blocks)
    try:
        wanted: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    table = wanted
    for name in ("tool", "layerwright", *key[:-1]):
        table = table.setdefault(name, {})
    table[key[-1]] = "new"
    changed = edited(text, "pyproject.toml", key, "new")
    assert tomllib.loads(changed) == wanted
    assert changed.count("#") == text.count("#")


def test_windows_line_ends_stay() -> None:
    text = "[acme]\r\nlaunch = false\r\n"
    changed = edited(text, "layerwright.toml", ("python", "version"), "3.13")
    assert changed == '[acme]\r\nlaunch = false\r\n\r\n[python]\r\nversion = "3.13"\r\n'


def test_a_key_within_something_else_than_a_table_is_refused() -> None:
    with pytest.raises(ConfigurationError) as caught:
        edited("acme = 1\n", "layerwright.toml", ("acme", "launch"), True)
    assert caught.value.problems == ("layerwright.toml: acme must be a table",)


def test_a_layout_that_cannot_be_kept_is_left_alone_and_the_line_to_write_is_reported() -> None:
    text = (
        "[tool.layerwright.processes]\nweb = 'a b'\n[tool.layerwright]\nacme.launch = true\n\n[tool]\n"
        "[tool.layerwright.processes.worker]\ncommand='x'\n"
    )
    assert tomllib.loads(text)
    with pytest.raises(UserError) as caught:
        edited(text, "pyproject.toml", ("package-manager",), "acme")
    assert caught.value.remedy == ('Edit it by hand, in [tool.layerwright]: package-manager = "acme"',)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("package-manager", "acme", "acme"),
        ("acme.launch", "true", True),
        ("acme.workers", "3", 3),
        ("acme.requirements", "a.txt,b.txt", ["a.txt", "b.txt"]),
        ("python.version", ">=3.12,<3.14", ">=3.12,<3.14"),
        ("processes.web.1", "gunicorn app:app", "gunicorn app:app"),
    ],
)
def test_the_words_of_the_command_line_become_the_value(key: str, text: str, value: object) -> None:
    assert parse_value(key, text, MODELS) == value


@pytest.mark.parametrize(
    ("key", "text", "summary", "remedy"),
    [
        (
            "acme.lanch",
            "true",
            "There is no setting acme.lanch; did you mean acme.launch?",
            "`layerwright config` lists the settings.",
        ),
        ("processes", "x", "There is no setting processes.", "`layerwright config` lists the settings."),
        (
            "acme.launch",
            "maybe",
            'acme.launch must be true or false, not "maybe".',
            "Nothing was written. Set another value.",
        ),
        (
            "package-manager",
            "acm",
            'No installed plugin provides the package manager "acm"; did you mean acme?',
            "Correct the name, or install the plugin that provides it.",
        ),
    ],
)
def test_a_wrong_key_or_value_is_refused(
    tmp_path: Path, key: str, text: str, summary: str, remedy: str
) -> None:
    error = refused(application(tmp_path), key, text)
    assert (error.summary, error.remedy) == (summary, (remedy,))


def test_an_edit_says_what_it_writes_and_where(tmp_path: Path) -> None:
    change = edit(application(tmp_path), {}, MODELS, "acme.launch", "true")
    assert change == Edit(
        file="layerwright.toml",
        text="[acme]\nlaunch = true\n",
        words="acme.launch = true in layerwright.toml",
    )


def test_an_edit_says_what_overrides_it(tmp_path: Path) -> None:
    project = application(tmp_path, pyproject="[project]\nname = 'x'\n")
    change = edit(project, {"LAYERWRIGHT_ACME_LAUNCH": "0"}, MODELS, "acme.launch", "true")
    assert (
        change.words == "acme.launch = true in pyproject.toml, but LAYERWRIGHT_ACME_LAUNCH overrides it here"
    )


def test_an_edit_that_leaves_a_wrong_configuration_is_refused(tmp_path: Path) -> None:
    project = application(tmp_path, layerwright="[acme]\nlanch = true\n")
    error = refused(project, "processes.web", "'open")
    assert isinstance(error, ConfigurationError)
    assert error.problems == (
        "layerwright.toml: acme.lanch is an unknown key; did you mean launch?",
        "layerwright.toml: processes.web: a quotation mark or a backslash at the end has nothing to close it",
    )


def test_a_table_that_is_left_out_is_in_nothings_way(tmp_path: Path) -> None:
    project = application(tmp_path, layerwright="[beta]\nlaunch = '?'\n")
    change = edit(project, {}, MODELS, "acme.launch", "true", left_out=["beta"])
    assert change.text == "[beta]\nlaunch = '?'\n\n[acme]\nlaunch = true\n"


def test_a_wrong_value_can_be_corrected(tmp_path: Path) -> None:
    project = application(tmp_path, layerwright="[acme]\nlaunch = 'yes'\n")
    assert edit(project, {}, MODELS, "acme.launch", "true").text == "[acme]\nlaunch = true\n"


def test_a_new_file_is_written(tmp_path: Path) -> None:
    write(Project(tmp_path), Edit(file="layerwright.toml", text="a = 1\n", words=""))
    assert (tmp_path / "layerwright.toml").read_text() == "a = 1\n"


def test_a_written_file_keeps_its_mode_its_line_ends_and_the_link_to_it(tmp_path: Path) -> None:
    target, link = tmp_path / "shared.toml", tmp_path / "layerwright.toml"
    target.write_bytes(b"a = 1\r\n")
    target.chmod(0o660)
    link.symlink_to(target)
    write(Project(tmp_path), Edit(file="layerwright.toml", text="a = 2\r\n", words=""))
    assert link.readlink() == target
    assert target.read_bytes() == b"a = 2\r\n"
    assert target.stat().st_mode & 0o777 == 0o660


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    project = Project(tmp_path / "absent")
    with pytest.raises(SiteError) as caught:
        write(project, Edit(file="layerwright.toml", text="a = 1\n", words=""))
    assert caught.value.summary == "layerwright.toml could not be written."
    assert os.strerror(2) in caught.value.cause
