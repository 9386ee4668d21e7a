from __future__ import annotations

import io
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from layerwright.cli.parser import parse
from layerwright.cli.plugins._skeleton import DECLARATIVE, HOOKS, PROGRAMMED, skeleton, write_files
from layerwright.errors import LayerwrightError, SiteError, UserError
from layerwright.output.log import Log
from layerwright.plugins.declarative.read import read_package_manager
from layerwright.plugins.entry_points import entry_points

if TYPE_CHECKING:
    from pathlib import Path

EVERY = {
    ".github/workflows/test.yml",
    ".gitignore",
    "README.md",
    "pyproject.toml",
    "src/layerwright_acme_too/__init__.py",
    "src/layerwright_acme_too/py.typed",
    "tests/conftest.py",
    "tests/test_conformance.py",
}


def new(*arguments: str) -> str:
    stream = io.StringIO()
    parsed = parse(["plugins", "new", *arguments])
    assert parsed.run(parsed, Log(stream, stream), {}) == 0
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        (PROGRAMMED, {"src/layerwright_acme_too/manager.py"}),
        (DECLARATIVE, {"src/layerwright_acme_too/package-manager.toml"}),
        (
            HOOKS,
            {
                "src/layerwright_acme_too/fill_script.py",
                "src/layerwright_acme_too/layer.py",
                "src/layerwright_acme_too/settings.py",
                "tests/test_layer.py",
            },
        ),
    ],
)
def test_a_plugin_has_all_that_a_distribution_needs(kind: str, own: set[str]) -> None:
    files = skeleton("acme-too", kind)
    assert files.keys() == EVERY | own
    assert "`src/layerwright_acme_too" in files["README.md"]
    assert not re.search("@[A-Z]+@", "".join(files.values()))


def test_a_plugin_publishes_what_core_reads_without_importing_it() -> None:
    project = tomllib.loads(skeleton("acme-too", PROGRAMMED)["pyproject.toml"])["project"]
    assert project["name"] == "layerwright-acme-too"
    assert project["entry-points"] == {
        "layerwright": {"acme-too": "layerwright_acme_too"},
        "layerwright.conclusive": {"acme-too.lock": "layerwright_acme_too"},
        "layerwright.api": {"2": "layerwright_acme_too"},
    }


def test_a_plugin_with_hooks_is_not_asked_in_the_detect_phase() -> None:
    project = tomllib.loads(skeleton("acme-too", HOOKS)["pyproject.toml"])["project"]
    assert project["entry-points"] == {
        "layerwright": {"acme-too": "layerwright_acme_too"},
        "layerwright.evidence": {"none": "layerwright_acme_too"},
        "layerwright.api": {"2": "layerwright_acme_too"},
    }


def test_a_declaration_is_one_that_can_be_read(tmp_path: Path) -> None:
    write_files(skeleton("acme-too", DECLARATIVE), tmp_path / "new")
    manager = read_package_manager(tmp_path / "new/src/layerwright_acme_too/package-manager.toml")
    assert manager.name == "acme-too"


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("", "It is the name of a table"),
        ("Acme", "It is the name of a table"),
        ("acme_too", "It is the name of a table"),
        ("../acme", "It is the name of a table"),
        ("acme-", "It is the name of a table"),
        ("3to", "It is the name of a table and of a layer: it begins with a lower-case letter,"),
        ("layerwright-", "It is the name of a table"),
        ("python", "Layerwright uses that name"),
        ("processes", "Layerwright uses that name"),
        ("package-manager", "Layerwright uses that name"),
        ("venv", "Layerwright uses that name"),
    ],
)
def test_what_can_be_no_name_is_refused_and_nothing_is_written(tmp_path: Path, name: str, cause: str) -> None:
    with pytest.raises(UserError) as caught:
        new(name, "--output", str(tmp_path / "new"))
    assert caught.value.cause.startswith(cause)
    assert caught.value.reference == "plugin-name"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("layerwright-acme", "Choose acme: layerwright plugins new acme"),
        ("layerwright-python", "Choose another one, for example: layerwright plugins new acme"),
    ],
)
def test_a_name_with_what_is_put_before_it_anyway_is_refused(name: str, remedy: str) -> None:
    with pytest.raises(UserError) as caught:
        skeleton(name, PROGRAMMED)
    assert caught.value.cause == f"The distribution of its plugin would be called layerwright-{name}."
    assert caught.value.remedy == (remedy,)


@pytest.mark.parametrize("kind", [DECLARATIVE, HOOKS])
def test_what_continuous_integration_runs_is_what_the_readme_says_to_run(kind: str) -> None:
    files = skeleton("acme", kind)
    wanted = re.findall(r"- run: (python -m (?!pip).+)", files[".github/workflows/test.yml"])
    assert wanted == re.findall(r"^\$ \.venv/bin/(python -m (?!pip).+)$", files["README.md"], re.MULTILINE)
    assert len(wanted) == 4


def test_a_directory_in_which_there_is_nothing_is_taken(tmp_path: Path) -> None:
    write_files({"a/b.txt": "text"}, tmp_path)
    assert (tmp_path / "a" / "b.txt").read_text() == "text"


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_text("text")
    for place in (tmp_path, tmp_path / "there.txt"):
        with pytest.raises(UserError) as caught:
            write_files({"there.txt": "other"}, place)
        assert caught.value.summary == f"{place} already exists."
        assert caught.value.reference == "plugin-directory"
    assert (tmp_path / "there.txt").read_text() == "text"


@pytest.mark.parametrize("place", ["there.txt/new", "new"])
def test_a_place_that_cannot_be_written_to_is_reported(tmp_path: Path, place: str) -> None:
    (tmp_path / "there.txt").write_text("text")
    # A file name that no file system has.
    files = {"x" * 300: ""}
    with pytest.raises(SiteError) as caught:
        write_files(files, tmp_path / place)
    assert caught.value.reference == "plugin-directory"


def test_what_was_written_is_listed_with_the_next_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert new("acme").splitlines() == [
        "layerwright-acme, in layerwright-acme",
        *(f"  {name}" for name in skeleton("acme", PROGRAMMED)),
        "",
        "Next",
        "  $ cd layerwright-acme",
        '  $ python -m pip install --editable ".[test]"',
        "  $ python -m pytest",
    ]
    assert (tmp_path / "layerwright-acme" / "pyproject.toml").exists()
    with pytest.raises(LayerwrightError, match="layerwright-acme already exists"):
        new("acme", "--declarative")
    with pytest.raises(LayerwrightError, match="layerwright-acme already exists"):
        new("acme", "--hooks")
    assert "  $ cd 'in here'" in new("acme", "--declarative", "--output", "in here").splitlines()


def test_a_name_that_is_taken_by_an_installed_plugin_is_a_warning(tmp_path: Path) -> None:
    [pip] = [e for e in entry_points() if (e.group, e.name) == ("layerwright", "pip")]
    log = new("pip", "--output", str(tmp_path / "new"))
    assert f"  Warning: {pip.label} is installed, and already has the name pip.\n" in log
